"""Sign-in and keys: what opens the vault, the second step at sign-in, and where it stands open."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from frontend.signin import passkeys
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.secondstep import has_app
from frontend.signin.stepup import owner_of
from frontend.words.numbers import number
from vault import vaults
from vault.keys import sessions, ways_in


@vault_required
def keys(request: VaultRequest) -> HttpResponse:
    user, access = owner_of(request), request.access
    mine = passkeys.listing(user, access)
    context = {
        "since": {way.kind: way.since for way in ways_in.listing(access)},
        "password_opens": ways_in.opens_with_login(access, user.password),
        "recovery_confirmed": vaults.recovery_confirmed(access),
        "passkeys": mine,
        "passkey_opens": any(passkey.slot_id for passkey in mine),
        "has_app": has_app(user),
        "spare_codes": _spare_codes(user),
        "sessions": sessions.listing(access),
    }
    return render(request, "pages/keys.html", context)


@require_POST
@vault_required
def lock_session(request: VaultRequest, session_id: UUID) -> HttpResponse:
    sessions.lock_one(request.access, session_id)
    messages.success(request, gettext("Your vault is locked there."))
    return redirect("keys")


@require_POST
@vault_required
def lock_others(request: VaultRequest) -> HttpResponse:
    """Everywhere but in this browser."""
    count = sessions.lock_others(request.access)
    words = ngettext(
        "Your vault is locked in %(count)s other place.",
        "Your vault is locked in %(count)s other places.",
        count,
    )
    messages.success(request, words % {"count": number(count)})
    return redirect("keys")


def _spare_codes(user: AbstractBaseUser) -> int:
    """How many codes for a lost phone are left."""
    kind = Authenticator.Type.RECOVERY_CODES
    stored = Authenticator.objects.filter(user_id=user.pk, type=kind).first()
    return len(stored.wrap().get_unused_codes()) if stored else 0
