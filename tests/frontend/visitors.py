"""An app at the live server's door: it registers over HTTP, and listens on this device for its
answer, as native apps do."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

SCOPE = "memory.read memory.write offline_access"


@dataclass
class Visitor:
    base: str
    client_id: str
    redirect: str
    heard: Queue[dict[str, str]]
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def asks(self, **more: str) -> str:
        """The path that it opens in its owner's browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        said = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": "some state",
            "scope": SCOPE,
            "resource": f"{self.base}/api/v1",
        } | more
        return "/oauth/authorize?" + urlencode(said)

    def answer(self) -> dict[str, str]:
        """What the browser brought to its redirect address."""
        return self.heard.get(timeout=20)

    def exchanges(self, code: str) -> dict[str, Any]:
        return self._posts(
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect,
            code_verifier=self.verifier,
        )

    def refreshes(self, token: str) -> dict[str, Any]:
        return self._posts(grant_type="refresh_token", refresh_token=token)

    def me(self, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.base}/api/v1/me", headers=headers)

    def _posts(self, **said: str) -> dict[str, Any]:
        said["client_id"] = self.client_id
        told: dict[str, Any] = httpx.post(f"{self.base}/oauth/token", data=said).json()
        return told


@contextmanager
def listening() -> Iterator[tuple[str, "Queue[dict[str, str]]"]]:
    """An address on this device, and what is sent to it."""
    heard: Queue[dict[str, str]] = Queue()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/callback":
                heard.put({name: one[0] for name, one in parse_qs(parts.query).items()})
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Done</title><link rel=icon href=data:,>")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: codes are in these addresses."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/callback", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def registered(base: str, redirect: str, heard: "Queue[dict[str, str]]", name: str) -> Visitor:
    said = {"client_name": name, "redirect_uris": [redirect], "token_endpoint_auth_method": "none"}
    answer = httpx.post(f"{base}/oauth/register", json=said)
    assert answer.status_code == 201, answer.text
    return Visitor(base, answer.json()["client_id"], redirect, heard)
