"""Apps that call the API with the tokens a person gave them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone

from sync.importing.uploads import SealedUpload
from tests.people import Person, let_something_in, new_person, signed_in
from vault import collections, memories
from vault.files import FileSealer
from vault.granting import grants
from vault.types import Draft, Grant, Memory, Right

SEE = Right(see=True)
WRITE = Right(see=True, add="yes")
ASK = Right(see=True, add="ask")
DROP = Right(add="ask")
POST = Right(add="yes")


class App:
    """A grantee: calls /api/v1/ with its token, through the whole of Django."""

    def __init__(self, token: str, grant: Grant) -> None:
        self.token = token
        self.grant = grant
        self.client = Client()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send JSON, or bytes as they are. A header's name is written with underscores."""
        send = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            data,
            send.pop("Content-Type", "application/json"),
            headers=self.headers() | send,
        )

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)

    def ids(self) -> set[UUID]:
        """Every memory it can list."""
        return {UUID(memory["id"]) for memory in self.get("memories?limit=100").json()["memories"]}

    def finds(self, query: str) -> list[str]:
        answer = self.post("search", {"query": query})
        assert answer.status_code == 200, answer.content
        return [memory["text"] for memory in answer.json()["memories"]]


class Session(App):
    """The owner's own pages: calls with their cookies, and with the CSRF token of a page."""

    def __init__(self, person: Person, *, csrf: bool = True) -> None:
        self.client = signed_in(person)
        self.client.handler.enforce_csrf_checks = True
        self.csrf = "c" * 32 if csrf else ""
        if csrf:
            self.client.cookies[settings.CSRF_COOKIE_NAME] = self.csrf

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.csrf:
            headers.setdefault("X_CSRFToken", self.csrf)
        return super().call(method, path, body, **headers)

    def headers(self) -> dict[str, str]:
        return {}


class Owner:
    """A person who remembers things and gives apps tokens."""

    def __init__(self) -> None:
        self.person: Person = new_person()
        self.access = self.person.access
        self.collections = {c.name: c.id for c in collections.listing(self.access)}
        self._key = self.person.owner_key

    def remembers(self, text: str, collection: str = "Personal", **more: Any) -> Memory:
        made = memories.remember(self.access, self.collections[collection], Draft(text, **more))
        assert isinstance(made, Memory)
        return made

    def grants(self, rights: dict[str, Right], days: float = 30, *, later: bool = True) -> App:
        grant, token = grants.create_token(
            self.access,
            self._key,
            name="Test app",
            rights={self.collections[name]: right for name, right in rights.items()},
            expires_at=timezone.now() + timedelta(days=days),
            later=later,
        )
        if any(right.add == "yes" for right in rights.values()):
            let_something_in(self.person.vault_id, grant)
        return App(token, grant)

    def session(self, *, csrf: bool = True) -> Session:
        return Session(self.person, csrf=csrf)

    def revokes(self, app: App) -> None:
        grants.revoke(self.access, app.grant.id)


def multipart(*files: bytes) -> tuple[bytes, str]:
    """A body with these files as `files`, and the kind it has to be sent as."""
    edge = "a-line-that-is-in-no-file"
    head = 'Content-Disposition: form-data; name="files"; filename="{n}.json"'
    parts = [
        f"--{edge}\r\n{head.format(n=n)}\r\n\r\n".encode() + data + b"\r\n"
        for n, data in enumerate(files)
    ]
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def uploaded(data: bytes) -> SealedUpload:
    """A file as it is once it has arrived."""
    sealer = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR))
    sealer.write(data)
    return SealedUpload("export.json", "application/json", sealer.finish())
