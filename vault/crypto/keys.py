"""Key: 32 secret bytes that do not print, pickle, hash or compare in variable time."""

from os import urandom
from struct import Struct
from typing import NoReturn, Self, SupportsIndex, final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

KEY_BYTES = 32
_LENGTH = Struct(">I")
_LONGEST_CONTEXT = 0xFFFF


@final
class Key:
    """32 secret bytes. They only ever feed HKDF-Expand: the AES and HMAC keys are derived from
    them, so no output of one use can be the key of another."""

    __hash__ = None  # type: ignore[assignment]
    __slots__ = ("_aead", "_mac", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError("A key has 32 bytes.")
        self._raw = bytes(raw)
        self._aead: AESGCM | None = None
        self._mac: HMAC | None = None

    @classmethod
    def generate(cls) -> Self:
        """A new random key."""
        return cls(urandom(KEY_BYTES))

    @classmethod
    def from_secret(cls, secret: bytes, salt: bytes = b"") -> Self:
        """HKDF-Extract of a high-entropy secret of any length; `salt` may be a second secret."""
        return cls(HKDF.extract(SHA256(), salt, secret))

    def derive(self, label: str, context: bytes = b"") -> "Key":
        """The key for one purpose. `label` is a constant of the code, `context` names the thing
        (at most 65,535 bytes)."""
        return Key(self._expand(label, context))

    def mac(self, message: bytes) -> bytes:
        """HMAC-SHA256 of the message under a key derived for this alone: 32 bytes."""
        if self._mac is None:
            self._mac = HMAC(self._expand("mac", b""), SHA256())
        tag = self._mac.copy()
        tag.update(message)
        return tag.finalize()

    def verifies(self, message: bytes, tag: bytes) -> bool:
        """Whether `tag` is this key's mac of the message, compared in constant time."""
        return bytes_eq(self.mac(message), tag)

    @property
    def raw(self) -> bytes:
        """The secret itself, for this package and the keyring only."""
        return self._raw

    @property
    def aead(self) -> AESGCM:
        """AES-256-GCM under a key derived for this alone; made once, since making it costs more
        than opening a small record."""
        if self._aead is None:
            self._aead = AESGCM(self._expand("aead", b""))
        return self._aead

    def _expand(self, label: str, context: bytes) -> bytes:
        if not (label.isascii() and label.isprintable()) or len(context) > _LONGEST_CONTEXT:
            raise ValueError("A label is printable ASCII; a context has at most 65,535 bytes.")
        info = b"satchel/v1/" + label.encode() + _LENGTH.pack(len(context)) + context
        return HKDFExpand(SHA256(), KEY_BYTES, info).derive(self._raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and bytes_eq(self._raw, other._raw)

    def __repr__(self) -> str:
        return "Key(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is not pickled or copied.")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self.__reduce__()
