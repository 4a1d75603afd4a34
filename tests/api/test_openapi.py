"""The OpenAPI document is valid, complete and true."""

from io import StringIO
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from api import urls
from api.rest.view import Nowhere
from sync.importing import imports
from tests.api.people import ASK, WRITE, App, Owner, multipart, uploaded

HIDDEN = {"schema", "docs"}
OPEN = {"/api/v1/health", "/api/v1/ready"}


@pytest.fixture(scope="module")
def document(app: App) -> dict[str, Any]:
    answer = app.get("schema")
    assert answer.status_code == 200
    return dict(answer.json())


def test_it_is_valid_openapi_31(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate_schema(document)
    openapi_spec_validator.validate(document)


def test_generating_it_warns_of_nothing() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_has_every_address(document: dict[str, Any]) -> None:
    views = {p.name: getattr(p.callback, "cls", None) for p in urls.urlpatterns}
    written = {name for name, view in views.items() if view is not Nowhere}
    assert len(written) >= 20
    assert len(document["paths"]) == len(written - HIDDEN)
    assert get_resolver().resolve("/api/v1/me").url_name == "me"


def test_every_operation_names_itself_and_its_problems(document: dict[str, Any]) -> None:
    names = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["description"], (path, method)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert (operation["security"] == [{}]) == (path in OPEN), (path, method)
    assert len(names) == len(set(names))


def _resolved(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    return {**schema, "components": document["components"]}


def test_every_call_answers_as_the_document_says(document: dict[str, Any]) -> None:
    """An app's calls and the owner's, each as the document has them."""
    owner, tried = Owner(), set()
    session = owner.session()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            # Made for each call: some of them take what they are tried on away.
            app = owner.grants({"Personal": WRITE})
            caller = app if {"token": []} in operation["security"] else session
            address, body, *kind = _call(owner, app, path, method)
            headers = {"Content_Type": kind[0]} if kind else {}
            answer = caller.call(method.upper(), address, body, **headers)
            allowed = answer.status_code < 300 or (403 in map(int, _numbers(operation)))
            assert allowed, (path, method, answer.content)
            said = operation["responses"][str(answer.status_code)]
            if answer.content:
                kind = answer.headers["Content-Type"].partition(";")[0]
                schema = said["content"][kind]["schema"]
                jsonschema.validate(answer.json(), _resolved(document, schema))
            tried.add((path, method))
    assert len(tried) >= 28


def _numbers(operation: dict[str, Any]) -> list[str]:
    return [status for status in operation["responses"] if status.isdigit()]


def _call(owner: Owner, app: App, path: str, method: str) -> tuple[Any, ...]:
    """An address and a body that this call takes."""
    memory = owner.remembers(f"For {method} {path}.")
    asking = owner.grants({"Personal": ASK})
    suggestion = asking.post("memories", {"text": "Suggested."}).json()["id"]
    begun = imports.begin(owner.access, [uploaded(b"[]")], start=lambda *_: None)
    ids = {
        "memory_id": memory.id,
        "collection_id": owner.collections["Personal"],
        "grant_id": app.grant.id,
        "suggestion_id": suggestion,
        "import_id": begun.id,
    }
    address = path.removeprefix("/api/v1/").format_map(ids)
    noun = address.partition("/")[0]
    if noun == "imports" and method == "post":
        body, kind = multipart(b"[]")
        return address, body, kind
    right = {"collection_id": str(ids["collection_id"]), "see": True}
    bodies: dict[str, Any] = {
        "search": {"query": "for"},
        "context": {"query": "for"},
        "memories": {"text": "New words."},
        "collections": {"name": "Another"},
        "grants": {"name": "Another"},
        "memory-tool": {"command": "view", "path": "/memories"},
    }
    if noun == "grants" and method == "post":
        bodies["grants"] |= {"rights": [right], "expires_at": "2026-12-24T00:00:00Z"}
    return address, None if method == "get" else bodies.get(noun)


def test_it_says_what_is_held_and_what_is_degraded(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for shape, field in (
        *(("MemoryShape", "held"), ("HitShape", "held")),
        *(("SearchAnswer", "degraded"), ("ContextAnswer", "degraded")),
    ):
        assert field in shapes[shape]["required"], shape
        assert shapes[shape]["properties"][field]["type"] == "boolean"
        assert shapes[shape]["properties"][field]["description"]


def test_problems_look_as_the_document_says(document: dict[str, Any], app: App) -> None:
    schema = _resolved(document, {"$ref": "#/components/schemas/Problem"})
    for answer in (app.get("nowhere"), app.post("search", {"limit": 0, "x": 1})):
        jsonschema.validate(answer.json(), schema)
    assert set(app.post("search", {"limit": 0, "x": 1}).json()["errors"]) == {"x"}
