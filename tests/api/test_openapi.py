"""The OpenAPI document is valid, complete and true."""

from io import StringIO
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from api import urls
from api.rest.view import Nowhere
from tests.api.people import WRITE, App, Owner

HIDDEN = {"schema"}


@pytest.fixture(scope="module")
def document(app: App) -> dict[str, Any]:
    answer = app.get("schema")
    assert answer.status_code == 200
    return dict(answer.json())


def test_it_is_valid_openapi_31(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate_schema(document)


def test_generating_it_warns_of_nothing() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_has_every_address(document: dict[str, Any]) -> None:
    written = {pattern.name for pattern in urls.urlpatterns if pattern.callback.cls is not Nowhere}
    assert len(written) >= 9
    assert len(document["paths"]) == len(written - HIDDEN)
    assert get_resolver().resolve("/api/v1/me").url_name == "me"


def test_every_operation_names_itself_and_its_problems(document: dict[str, Any]) -> None:
    names = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["description"], (path, method)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            is_open = path == "/api/v1/health"
            assert (operation["security"] == [{}]) == is_open, (path, method)
    assert len(names) == len(set(names))


def _resolved(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    return {**schema, "components": document["components"]}


def test_every_path_answers_as_the_document_says(document: dict[str, Any]) -> None:
    owner = Owner()
    app = owner.grants({"Personal": WRITE})
    tried = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            memory = owner.remembers(f"For {method} {path}.")
            address = path.removeprefix("/api/v1/").replace("{memory_id}", str(memory.id))
            bodies = {"search": {"query": "for"}, "context": {"query": "for"}}
            body = bodies.get(address, {"text": "New words."})
            answer = app.call(method.upper(), address, None if method == "get" else body)
            said = operation["responses"][str(answer.status_code)]
            assert answer.status_code < 300, (path, method, answer.content)
            if answer.content:
                schema = said["content"]["application/json"]["schema"]
                jsonschema.validate(answer.json(), _resolved(document, schema))
            tried.add((path, method))
    assert len(tried) >= 11


def test_problems_look_as_the_document_says(document: dict[str, Any], app: App) -> None:
    schema = _resolved(document, {"$ref": "#/components/schemas/Problem"})
    for answer in (app.get("nowhere"), app.post("search", {"limit": 0, "x": 1})):
        jsonschema.validate(answer.json(), schema)
    assert set(app.post("search", {"limit": 0, "x": 1}).json()["errors"]) == {"x"}
