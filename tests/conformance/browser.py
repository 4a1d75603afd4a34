"""The owner's browser, played: opens the address that an app asks for, allows it, goes back."""

import re
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.api.oauth.apps import allow
from tests.people import Person, signed_in
from vault.types import Right

_ASKED = re.compile(r"https?://127\.0\.0\.1:\d+/oauth/authorize\?[^\s\"'<>]+")


class Owner(threading.Thread):
    """Waits until an address to allow appears in what an app wrote, and allows it while willing."""

    def __init__(self, person: Person, said: Path, **rights: Right) -> None:
        super().__init__(daemon=True)
        self._person, self._said, self._rights = person, said, rights
        self._visitor = signed_in(person)
        self._over = threading.Event()
        self.asked: list[str] = []
        self.willing = True
        self.failed: list[BaseException] = []

    def __enter__(self) -> "Owner":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self.join(10)

    def run(self) -> None:
        try:
            while not self._over.is_set():
                for address in _ASKED.findall(self._said.read_text(errors="replace")):
                    if address not in self.asked:
                        self.asked.append(address)
                        if self.willing:
                            self._allow(address)
                time.sleep(0.05)
        except BaseException as error:  # told by whoever waits
            self.failed.append(error)

    def _allow(self, address: str) -> None:
        parts = urlsplit(address)
        asked = parse_qs(parts.query)
        self._visitor.defaults["HTTP_HOST"] = parts.netloc
        back = allow(self._visitor, self._person, f"{parts.path}?{parts.query}", **self._rights)
        httpx.get(f"{asked['redirect_uri'][0]}?{urlencode(back)}", timeout=20)
