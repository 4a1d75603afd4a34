"""Words put aside for a moment, before a vault is open: sealed under a fresh key, to be kept
in another place than the words."""

import base64
import binascii

from django.views.decorators.debug import sensitive_variables

from vault.crypto.aead import open_ as open_record
from vault.crypto.aead import seal as seal_record
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.errors import Tampered
from vault.ids import NIL

_BINDING = Binding(NIL, NIL, 1, NIL, "aside", 0)


@sensitive_variables()
def seal(words: str, key: str) -> str:
    """What `open_` opens with this key; base64url."""
    return _text(seal_record(Key(_bytes(key)), words.encode(), _BINDING))


def new_key() -> str:
    """Base64url."""
    return _text(Key.generate().raw)


@sensitive_variables()
def open_(sealed: str, key: str) -> str:
    """What `seal` was given. Tampered when either is not what it answered."""
    try:
        return open_record(Key(_bytes(key)), _bytes(sealed), _BINDING).decode()
    except (binascii.Error, ValueError, CannotOpen):
        raise Tampered("What was put aside cannot be opened.") from None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, altchars=b"-_", validate=True)
