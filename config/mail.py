"""Turns SATCHEL_EMAIL_URL into Django's mail settings. Without one, mail goes into the log."""

from typing import Any
from urllib.parse import unquote, urlsplit

from config.environment import Misconfigured


def mail_settings(url: str) -> dict[str, Any]:
    """The EMAIL_* settings for `smtp://user:password@host:587` or `smtps://...:465`."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise Misconfigured("SATCHEL_EMAIL_URL is not an address like smtp://user:password@host.")
    encrypted = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if encrypted else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": encrypted,
        # A mail server on this machine often speaks no TLS; any other must.
        "EMAIL_USE_TLS": not encrypted and parts.hostname not in ("localhost", "127.0.0.1"),
        "EMAIL_TIMEOUT": 20,
    }
