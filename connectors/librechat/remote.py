"""LibreChat's memories: a value under a name, for one user of an instance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from connectors.base.errors import (
    AuthError,
    BadResponse,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
)
from connectors.base.live.marks import entry_with
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page, Room

_ALL, _LOGIN = "/api/memories", "/api/auth/login"
_FRESH = 600  # seconds; a token lasts 900 unless whoever runs it says otherwise
_OURS = "satchel_"
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_DIGITS = str.maketrans("abcdefghijklmnop", "0123456789abcdef")


@dataclass(frozen=True)
class Options:
    base_url: str = address("Address of LibreChat")
    email: str = setting("E-mail", default="")
    password: str = secret("Password", default="", help="With two-factor sign-in it cannot work.")
    token: str = secret(
        "Access token", default="", help="Instead of both; it lasts minutes: for a single run."
    )


class LibreChat(RestConnector):
    slug = "librechat"
    name = "LibreChat"
    docs_url = "https://www.librechat.ai/docs/features/memory"
    capabilities = Capability.WRITE
    room = Room(text=10_000)
    quirks = (
        "It has no API keys: it takes the e-mail and password, and lets us in anew for each run.",
        "A memory has a name and a value, no kind; renaming one there makes it another one.",
        "Its API cannot change a memory that is named “preferences”.",
        "A memory that changes within the moment between our look and our write is overwritten.",
    )
    per_minute = 60
    Options = Options

    def __init__(self, options: Any, http: httpx.Client) -> None:
        super().__init__(options, http)
        self._token = ("", 0.0)

    def answer(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **kwargs: Any
    ) -> httpx.Response:
        if path != _LOGIN:
            headers = {"Authorization": f"Bearer {self._current_token()}", **(headers or {})}
        return super().answer(method, path, headers=headers, **kwargs)

    def check(self) -> Account:
        user = self.get("/api/user")
        self._listing()
        name = user.get("id") or user["_id"]
        host = urlsplit(self.base_url).netloc
        return Account(f"{host}/{name}", f"{user['email']} at {host}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        yield Page(self._listing())

    def create(self, item: Item, key: str) -> Entry | None:
        try:
            body = {"key": _OURS + _letters(key), "value": item.text}
            return _entry(self.post(_ALL, json=body)["memory"])
        except PreconditionFailed:
            return None  # an earlier try has written it

    def update(self, entry: Entry, item: Item) -> Entry:
        if entry.remote_id == "preferences":
            raise Rejected("LibreChat cannot change a memory with this name.")
        self._must_be_unchanged(entry)
        return _entry(self.patch(_path(entry), json={"value": item.text})["memory"])

    def delete(self, entry: Entry) -> None:
        self._must_be_unchanged(entry)
        self.request("DELETE", _path(entry))

    def _listing(self) -> list[Entry]:
        found = self.get(_ALL)["memories"]
        if not isinstance(found, list):
            raise BadResponse("LibreChat answered in a form that is not known.")
        return [_entry(memory) for memory in found]

    def _must_be_unchanged(self, entry: Entry) -> None:
        now = {one.remote_id: one for one in self._listing()}
        if entry.remote_id not in now:
            raise NotFound("The memory is gone.")
        if now[entry.remote_id].etag != entry.etag:
            raise PreconditionFailed("The memory changed in LibreChat.")

    def _current_token(self) -> str:
        if self.options.token:
            return str(self.options.token)
        token, since = self._token
        if not token or monotonic() - since > _FRESH:
            token = self._log_in()
            self._token = token, monotonic()
        return token

    def _log_in(self) -> str:
        said = {"email": self.options.email, "password": self.options.password}
        if not all(said.values()):
            raise Misconfigured("Enter the e-mail and the password, or an access token.", "email")
        try:
            answer = self.post(_LOGIN, json=said)
        except (NotFound, Rejected) as error:  # 404 is also what an unknown e-mail is answered with
            raise AuthError("LibreChat did not accept the e-mail and the password.") from error
        if answer.get("twoFAPending"):
            raise AuthError("LibreChat asks for a second factor: this account cannot be connected.")
        token: str = answer["token"]
        return token


def _path(entry: Entry) -> str:
    return f"{_ALL}/{quote(entry.remote_id, safe='')}"


def _letters(key: str) -> str:
    """A name has small letters and underscores only."""
    return key.encode().hex().translate(_LETTERS)


def _key_in(name: str) -> str:
    """The key that `name` was made of; "" for a name that others gave."""
    if not name.startswith(_OURS):
        return ""
    try:
        return bytes.fromhex(name.removeprefix(_OURS).translate(_DIGITS)).decode()
    except ValueError:
        return ""


def _entry(memory: dict[str, Any]) -> Entry:
    name = memory["key"]
    key = _key_in(name)
    said = {"satchel": key, "title": "" if key else name.replace("_", " ")}
    return entry_with(name, memory["value"], said, updated_at=moment(memory["updated_at"]))
