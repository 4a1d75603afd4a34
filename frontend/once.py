"""A secret to show once: kept in the session, sealed under the key that only the browser holds.

So a page can be reached by redirect and reloaded until the person has what they need, and
neither the session table, nor a URL, nor a log ever holds the secret in the clear.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.http import HttpRequest

from frontend.session import key_of
from vault.errors import Locked


def put(request: HttpRequest, name: str, secret: str) -> None:
    """Keep it for `peek` or `take`. It opens only with the session's key; Locked without one."""
    if not key_of(request):
        raise Locked("Your vault is locked. Enter your password to open it.")
    request.session[_slot(name)] = _box(request, name).encrypt(secret.encode()).decode()


def peek(request: HttpRequest, name: str) -> str:
    """The secret, left where it is; "" when there is none or the vault was locked since."""
    sealed = request.session.get(_slot(name), "")
    if not sealed or not key_of(request):
        return ""
    try:
        return _box(request, name).decrypt(sealed.encode()).decode()
    except InvalidToken:
        drop(request, name)
        return ""


def take(request: HttpRequest, name: str) -> str:
    """The secret, for the last time."""
    secret = peek(request, name)
    drop(request, name)
    return secret


def drop(request: HttpRequest, name: str) -> None:
    request.session.pop(_slot(name), None)


def _slot(name: str) -> str:
    return f"once_{name}"


def _box(request: HttpRequest, name: str) -> Fernet:
    info = f"satchel/once/v1/{name}".encode()
    key = HKDF(SHA256(), 32, salt=None, info=info).derive(key_of(request).encode())
    return Fernet(base64.urlsafe_b64encode(key))
