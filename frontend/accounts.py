"""Signing in and opening the vault are one act: what allauth asks of us at each step."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from frontend import once
from frontend.session import close_vault, open_vault
from vault import vaults
from vault.errors import NotFound, WrongSecret

RECOVERY = "recovery"
"""The name under which a new recovery code waits to be shown, see `frontend.once`."""

_PASSWORD = "_satchel_password"  # noqa: S105  (the name of an attribute)


class VaultAccountAdapter(DefaultAccountAdapter):
    """Sign-up makes the vault, login opens it, logout locks it, a new password opens it again."""

    @sensitive_variables()
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        password: str = form.cleaned_data["password1"]
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            made = vaults.create(owner_id=user.pk, password=password, password_hash=user.password)
        remember_password(request, user, password)
        setattr(request, RECOVERY, made.recovery_code)
        return user

    @sensitive_variables()
    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None and "password" in credentials:
            remember_password(request, user, credentials["password"])
        return user

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        _open_with_login(request, user)
        code: str = getattr(request, RECOVERY, "")
        if code:
            once.put(request, RECOVERY, code)

    def logout(self, request: HttpRequest) -> None:
        access = getattr(request, "access", None)
        if access is not None:
            vaults.lock(access)
        close_vault(request)
        once.drop_all(request)
        super().logout(request)

    @sensitive_variables()
    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """A change re-wraps the vault's key; a reset by e-mail cannot, and leaves it as it was."""
        request, old_hash = context.request, user.password
        old = request.POST.get("oldpassword", "") if request.user.pk == user.pk else ""
        with transaction.atomic():
            super().set_password(user, password)
            if not old or vaults.vault_of(user.pk) is None:
                return
            opened = vaults.change_password(
                owner_id=user.pk,
                old_password=old,
                old_hash=old_hash,
                new_password=password,
                new_hash=user.password,
            )
        open_vault(request, opened)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("welcome")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings")


def remember_password(request: HttpRequest, user: AbstractBaseUser, password: str) -> None:
    """For the rest of this request: the login that follows opens the vault with it."""
    setattr(request, _PASSWORD, (user.pk, password))


@sensitive_variables()
def _open_with_login(request: HttpRequest, user: AbstractBaseUser) -> None:
    owner_id, password = getattr(request, _PASSWORD, (None, ""))
    if owner_id != user.pk:
        return  # signed in without a password, as after a reset: the vault asks for a key itself
    try:
        opened = vaults.unlock(owner_id=user.pk, password=password, password_hash=user.password)
    except (NotFound, WrongSecret):
        return  # no vault yet, or the login was reset: /unlock/ explains which, and what to do
    open_vault(request, opened)
