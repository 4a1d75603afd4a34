"""How people sign in: passwords, passkeys and second steps, as allauth is told."""

from typing import Any

_VALIDATORS = "django.contrib.auth.password_validation."


def account_settings(*, mail: bool) -> dict[str, Any]:
    """Django's and allauth's settings on accounts. Without `mail` no address can be verified."""
    return {**_passwords(), **_accounts(mail=mail), **_second_steps()}


def _passwords() -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "PASSWORD_HASHERS": [
            "vault.keys.hashers.VaultPasswordHasher",
            "api.oauth.secrets.ClientSecretHasher",  # for what nobody has to think up
        ],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": _VALIDATORS + "MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
            {"NAME": _VALIDATORS + "CommonPasswordValidator"},
            {"NAME": _VALIDATORS + "UserAttributeSimilarityValidator"},
        ],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "/",
    }


def _accounts(*, mail: bool) -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": "frontend.signin.accounts.VaultAccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory" if mail else "none",
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_SESSION_REMEMBER": False,
        # Tests of an address that was typed; what strangers share with the installed app; mail to
        # an address that somebody wants to sign in with from now on.
        "ACCOUNT_RATE_LIMITS": {
            "search_model": "20/10m/user",
            "share": "10/m/ip",
            "change_address": "6/h/user",
        },
    }


def _second_steps() -> dict[str, Any]:
    return {
        "MFA_ADAPTER": "frontend.signin.secondstep.SealedMFAAdapter",
        "MFA_FORMS": {
            "activate_totp": "frontend.signin.secondstep.ActivateForm",
            "authenticate_webauthn": "frontend.signin.passkeyproof.ProofForm",
            "login_webauthn": "frontend.signin.passkeyproof.SignInForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        # Without the finger, face or PIN a device computes another output, which opens nothing.
        "MFA_WEBAUTHN_USER_VERIFICATION": "required",
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        # As often as a password may be tried: nothing about a passkey can be guessed.
        "MFA_RATE_LIMITS": {"webauthn_login": "30/m/ip"},
        "MFA_TOTP_ISSUER": "Satchel",
        # Where mail is sent, nobody signs in before the address is confirmed. One that a change
        # waits for must not keep its owner from switching the second step on.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    }
