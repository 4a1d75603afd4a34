"""Signing in and opening the vault are one act: what allauth asks of us at each step."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from frontend.signin import once, typed, whose
from frontend.signin.session import close_vault, name_session, open_vault
from vault import vaults
from vault.errors import NotFound, Tampered, WrongSecret
from vault.keys import passkeys
from vault.types import OpenSession

RECOVERY = "recovery"
"""The name under which a new recovery code waits to be shown, see `frontend.signin.once`."""

_PASSWORD = "_satchel_password"  # noqa: S105  (the name of an attribute)
_PASSKEY = "_satchel_passkey"
_HELD = "held"
_SECOND_STEP = {
    "allauth.mfa.stages.AuthenticateStage": "frontend.signin.secondstep.SecondStepStage"
}


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
        whose.note(request, user.pk)
        typed.keep_for(request, user.pk)
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
            try:
                opened = vaults.change_password(
                    owner_id=user.pk,
                    old_password=old,
                    old_hash=old_hash,
                    new_password=password,
                    new_hash=user.password,
                )
            except WrongSecret:
                return  # it was reset before, and never let in: the new one waits in its place
        open_vault(request, opened)

    def get_login_stages(self) -> list[str]:
        return [_SECOND_STEP.get(stage, stage) for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The password alone: everybody has one, and what asks for it is rare."""
        door = {"id": "reauthenticate", "description": gettext("Use your password")}
        return [door | {"url": reverse("account_reauthenticate")}]

    def post_login(
        self,
        request: HttpRequest,
        user: Any,
        *,
        signup: bool,
        redirect_url: str | None,
        **more: Any,
    ) -> HttpResponse:
        """A new vault's recovery code comes before the page that led to the door, but not before
        an app that waits for an answer."""
        if signup and not (redirect_url or "").startswith(reverse("oauth2_provider:authorize")):
            redirect_url = reverse("welcome")
        said = {"signup": signup, "redirect_url": redirect_url, **more}
        response: HttpResponse = super().post_login(request, user, **said)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("settings")


def remember_password(request: HttpRequest, user: AbstractBaseUser, password: str) -> None:
    """For the rest of this request: the login that follows opens the vault with it."""
    setattr(request, _PASSWORD, (user.pk, password))


def remember_passkey(
    request: HttpRequest, user: AbstractBaseUser, credential_id: bytes, prf_output: bytes
) -> None:
    """Likewise, when the passkey that signs in gave what may open the vault."""
    setattr(request, _PASSKEY, (user.pk, credential_id, prf_output))


@sensitive_variables()
def hold_vault(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Between the password and the second step: open the vault for whoever passes that, too.

    What opens it waits in two halves, in the session and in the browser (see `signin.once`).
    """
    opened = _opened(request, user)
    if opened is not None:
        name_session(request, opened)
        words = (str(opened.vault_id), str(opened.session_id), opened.secret)
        once.put(request, _HELD, " ".join(words))


@sensitive_variables()
def _open_with_login(request: HttpRequest, user: AbstractBaseUser) -> None:
    opened = _opened(request, user) or _held(request, user)
    if opened is not None:
        open_vault(request, opened)


@sensitive_variables()
def _opened(request: HttpRequest, user: AbstractBaseUser) -> OpenSession | None:
    """By the password or passkey of this request. None when it had neither, as after a reset, or
    it does not open the vault: /unlock/ explains which, and what to do."""
    owner_id, password = getattr(request, _PASSWORD, (None, ""))
    holder_id, credential, output = getattr(request, _PASSKEY, (None, b"", b""))
    try:
        if owner_id == user.pk:
            secret = {"password": password, "password_hash": user.password}
            return vaults.unlock(owner_id=user.pk, **secret)
        if holder_id == user.pk:
            return passkeys.unlock(owner_id=user.pk, credential_id=credential, prf_output=output)
    except (NotFound, Tampered, WrongSecret):
        return None
    return None


@sensitive_variables()
def _held(request: HttpRequest, user: AbstractBaseUser) -> OpenSession | None:
    words = once.take(request, _HELD).split(" ")
    if len(words) != 3 or words[0] != str(vaults.vault_of(user.pk)):
        return None
    return OpenSession(UUID(words[0]), UUID(words[1]), words[2])
