"""The addresses of sign-in by passkey, the second step, the e-mail address, and the page of keys.
Allauth looks for some of them by name; of its own pages, those that are not here do not exist."""

from allauth.mfa.base.views import authenticate
from django.urls import path
from django.views.generic import RedirectView

from frontend.views import address, keys, passkeydoors, passkeys, secondstep

urlpatterns = [
    path("accounts/passkey/", passkeydoors.SignIn.as_view(), name="mfa_login_webauthn"),
    path("accounts/second-step/", authenticate, name="mfa_authenticate"),
    path("unlock/passkey/", passkeydoors.unlock, name="unlock-passkey"),
    path("unlock/passkey/options/", passkeydoors.options, name="passkey-options"),
    path("unlock/recover/passkey/", passkeydoors.recover, name="recover-passkey"),
    path("settings/address/", address.change, name="address"),
    path("settings/address/again/", address.send_again, name="address-again"),
    path("settings/address/cancel/", address.cancel, name="address-cancel"),
    path("settings/address/<str:key>/", address.confirm, name="address-confirm"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/password/", passkeydoors.new_password, name="passkey-password"),
    path("settings/keys/passkeys/new/", passkeys.new, name="passkey-new"),
    path("settings/keys/passkeys/new/options/", passkeys.new_options, name="passkey-new-options"),
    path("settings/keys/passkeys/<slug:mark>/", passkeys.change, name="passkey"),
    path("settings/keys/passkeys/<slug:mark>/remove/", passkeys.remove, name="passkey-remove"),
    path("settings/keys/sessions/lock/", keys.lock_others, name="lock-others"),
    path("settings/keys/sessions/<uuid:session_id>/lock/", keys.lock_session, name="lock-session"),
    path("settings/keys/app/", secondstep.activate, name="mfa_activate_totp"),
    path("settings/keys/app/off/", secondstep.deactivate, name="mfa_deactivate_totp"),
    path("settings/keys/codes/", secondstep.spare_codes, name="mfa_view_recovery_codes"),
    path("settings/keys/codes/new/", secondstep.new_codes, name="mfa_generate_recovery_codes"),
    path("settings/second-step/", RedirectView.as_view(pattern_name="keys"), name="mfa_index"),
]
