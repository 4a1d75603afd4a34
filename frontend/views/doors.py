"""Opening and locking the vault of a signed-in person."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.basic import RecoverForm, UnlockForm
from frontend.forms.passkeys import PasskeyRecoverForm
from frontend.signin import once, typed
from frontend.signin.accounts import RECOVERY
from frontend.signin.gate import next_page
from frontend.signin.session import close_vault, open_vault
from frontend.signin.stepup import check_password, owner_of
from sync import erasing
from vault import vaults
from vault.errors import Tampered, WrongSecret
from vault.keys import passkeys

CLOSED = "closed"
"""The code of the error that a vault does not open because of what was altered in the database."""


@login_required
@sensitive_post_parameters("password")
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the password and open the vault; make the vault for an account without one."""
    if getattr(request, "access", None) is not None:
        return redirect(next_page(request))
    if erasing.under_way(owner_of(request).pk):
        return unlock_page(request)
    has_vault = vaults.vault_of(owner_of(request).pk) is not None
    form = UnlockForm(request.POST or None)
    if form.is_valid():
        answer = _try(request, form, _open if has_vault else _make)
        if answer is not None:
            return answer
    return unlock_page(request, form)


def unlock_page(
    request: HttpRequest, form: UnlockForm | None = None, trouble: Sequence[str] = ()
) -> HttpResponse:
    """The door; `trouble` is why a passkey did not open it."""
    owner_id = owner_of(request).pk
    if erasing.under_way(owner_id):
        return render(request, "pages/erasing.html")
    context = {
        "form": form or UnlockForm(),
        "closed": form is not None and form.has_error(NON_FIELD_ERRORS, CLOSED),
        "trouble": trouble,
        "has_vault": vaults.vault_of(owner_id) is not None,
        "has_passkeys": bool(passkeys.credentials(owner_id)),
        "idle": "idle" in request.GET,
        "next": next_page(request),
    }
    return render(request, "pages/unlock.html", context)


@login_required
@sensitive_post_parameters("password", "code")
def recover(request: HttpRequest) -> HttpResponse:
    """After a reset by e-mail: the recovery code lets the new password open the vault."""
    if erasing.under_way(owner_of(request).pk):
        return unlock_page(request)
    form = RecoverForm(request.POST or None)
    if form.is_valid():
        answer = _try(request, form, _recover)
        if answer is not None:
            return answer
    return recover_page(request, form)


def recover_page(
    request: HttpRequest,
    form: RecoverForm | None = None,
    passkey_form: PasskeyRecoverForm | None = None,
) -> HttpResponse:
    context: dict[str, UnlockForm] = {"form": form or RecoverForm()}
    if passkeys.credentials(owner_of(request).pk):
        context["passkey_form"] = passkey_form or PasskeyRecoverForm()
    return render(request, "pages/recover.html", context)


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    access = getattr(request, "access", None)
    if access is not None:
        vaults.lock(access)
    close_vault(request)
    query, idle = {"next": next_page(request)}, bool(request.POST.get("idle"))
    once.drop_all(request, but=typed.NAME if idle else "")  # another tab may just have kept it
    if idle:  # nobody chose it: what stands half written in a form is kept
        kept = typed.put_aside(request, request.POST.get("form", ""), query["next"])
        query = {"next": kept or query["next"], "idle": "1"}
    door = "unlock" if request.user.is_authenticated else "account_login"
    return redirect(f"{reverse(door)}?{urlencode(query)}")


@login_required
def alive(request: HttpRequest) -> HttpResponse:
    """A person who types for long is not idle: asking for this keeps the vault open."""
    return HttpResponse(status=204 if getattr(request, "access", None) else 401)


def _try(request: HttpRequest, form: UnlockForm, act: Any) -> HttpResponse | None:
    """What `act` answers; None when it did not open, and then the form says why."""
    try:
        check_password(request, form.cleaned_data["password"])
        answer: HttpResponse = act(request, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("password", error)
        return None
    except WrongSecret as error:
        form.add_error("code" if "code" in form.fields else None, str(error))
        return None
    except Tampered as error:
        reason = {"reason": gettext(str(error))}
        closed = gettext("Your vault stays closed: %(reason)s") % reason
        form.add_error(None, ValidationError(closed, code=CLOSED))
        return None
    return answer


@sensitive_variables()
def _open(request: HttpRequest, password: str) -> HttpResponse:
    user = owner_of(request)
    try:
        opened = vaults.unlock(owner_id=user.pk, password=password, password_hash=user.password)
    except WrongSecret:
        return redirect("recover")  # the login is right, so it was reset: the code is needed
    open_vault(request, opened)
    return redirect(next_page(request))


@sensitive_variables()
def _make(request: HttpRequest, password: str) -> HttpResponse:
    user = owner_of(request)
    secret = {"owner_id": user.pk, "password": password, "password_hash": user.password}
    made = vaults.create(**secret)
    open_vault(request, vaults.unlock(**secret))
    once.put(request, RECOVERY, made.recovery_code)
    return redirect("welcome")


@sensitive_variables()
def _recover(request: HttpRequest, password: str, code: str) -> HttpResponse:
    user = owner_of(request)
    owner = vaults.recover(owner_id=user.pk, code=code)
    opened = vaults.adopt_password(owner, password=password, password_hash=user.password)
    open_vault(request, opened)
    return redirect(next_page(request))
