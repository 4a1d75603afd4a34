"""Secrets that the server itself must read while their owner is away, such as that of an
authenticator app, and what others keep for us: sealed under a key from the lasting pepper, which is
not in the database.

Whoever has the database and the keys folder reads them. They open no vault.
"""

import base64
import binascii
from uuid import UUID

from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from vault.crypto.aead import open_ as open_record
from vault.crypto.aead import seal as seal_record
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.errors import Tampered
from vault.ids import NIL
from vault.keys.custodian import custodian


@sensitive_variables()
def seal(owner_id: int, text: str, purpose: str = "server-secret") -> str:
    """Opens for this account and purpose only, as base64url."""
    record = seal_record(_key(), text.encode(), _binding(owner_id, purpose))
    return base64.urlsafe_b64encode(record).decode()


@sensitive_variables()
def open_(owner_id: int, sealed: str, purpose: str = "server-secret") -> str:
    """What `seal` was given. Tampered when it was altered, is another account's, or the server's
    pepper is another one."""
    try:
        record = base64.b64decode(sealed, altchars=b"-_", validate=True)
        return open_record(_key(), record, _binding(owner_id, purpose)).decode()
    except (binascii.Error, ValueError, CannotOpen):
        raise Tampered(
            gettext(
                "A stored secret of this account cannot be opened. Restore the keys folder that"
                " belongs to this database."
            )
        ) from None


def mark(purpose: str, data: bytes) -> bytes:
    """A keyed fingerprint: equal for equal data of one purpose, else unrelated."""
    key = Key.from_secret(custodian().pepper()).derive("server-mark")
    return key.mac(purpose.encode() + b"\0" + data)


def _key() -> Key:
    return Key.from_secret(custodian().pepper()).derive("server-secret")


def _binding(owner_id: int, purpose: str) -> Binding:
    return Binding(NIL, NIL, 1, UUID(int=owner_id), purpose, 0)
