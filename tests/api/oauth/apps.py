"""Apps as they come to the door: registered, with PKCE, and what they get."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from tests.people import PASSWORD, Person
from vault.types import Right

BASE = "http://testserver"
MCP, REST = BASE + "/mcp", BASE + "/api/v1"
BACK = "http://127.0.0.1:33418/callback"


@dataclass
class App:
    """One installation of an app."""

    client_id: str
    redirect: str = BACK
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    http: Client = field(default_factory=Client)

    def asks(self, **more: str) -> str:
        """The address that it opens in the owner's browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        wanted = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": self.state,
            "scope": "memory.read memory.write offline_access",
            "resource": REST,
        } | more
        return "/oauth/authorize?" + urlencode({k: v for k, v in wanted.items() if v})

    def exchanges(self, code: str, **more: str) -> tuple[int, dict[str, Any]]:
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "client_id": self.client_id,
            "code_verifier": self.verifier,
            "resource": REST,
        } | more
        return self._posts("/oauth/token", said)

    def refreshes(self, token: str, **more: str) -> tuple[int, dict[str, Any]]:
        said = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client_id}
        return self._posts("/oauth/token", said | more)

    def gives_back(self, token: str) -> int:
        return self._posts("/oauth/revoke", {"token": token, "client_id": self.client_id})[0]

    def calls(self, token: str, address: str = "/api/v1/me") -> int:
        return self.http.get(address, headers={"Authorization": f"Bearer {token}"}).status_code

    def _posts(self, address: str, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        answer = self.http.post(address, {k: v for k, v in said.items() if v})
        return answer.status_code, json.loads(answer.content or b"{}")


def registered(name: str = "An assistant", **more: Any) -> App:
    said = {
        "client_name": name,
        "redirect_uris": [BACK],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
    } | more
    answer = Client().post("/oauth/register", json.dumps(said), content_type="application/json")
    assert answer.status_code == 201, answer.content
    return App(answer.json()["client_id"], said["redirect_uris"][0])


def allow(
    visitor: Client, person: Person, address: str, *, later: bool = True, **rights: Right
) -> dict[str, str]:
    """The owner allows it in their browser; what the app is sent back with."""
    said: dict[str, str] = {"ends": "90", "password": PASSWORD} | ({"later": "on"} if later else {})
    for name, right in rights.items():
        place = person.collection(name)
        said |= {f"add-{place}": right.add} | ({f"see-{place}": "on"} if right.see else {})
    for place in person.access.rights:
        said.setdefault(f"add-{place}", "no")
    answer = visitor.post(address, said)
    assert answer.status_code == 302, answer.content.decode()
    return sent_back(answer["Location"])


def sent_back(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
