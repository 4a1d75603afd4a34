"""The OpenAPI document as a page tells it: operations by noun, with fields and a call to try."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

PREFIX = "/api/v1/"
_JSON = "application/json"
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or field. `place` is where it is sent: path, query, header or body."""

    name: str
    place: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come back. `shape` names the component, "" for none."""

    status: str
    kind: str
    shape: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One call."""

    name: str
    method: str
    path: str
    words: str
    who: str
    fields: tuple[Field, ...]
    answers: tuple[Answer, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A named part of answers and bodies."""

    name: str
    words: str
    fields: tuple[Field, ...]


def operations(document: dict[str, Any]) -> dict[str, list[Operation]]:
    """By noun, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            made = _operation(document, path, method.upper(), said)
            found.setdefault(said["tags"][0], []).append(made)
    return found


def shapes(document: dict[str, Any]) -> list[Shape]:
    """Every component, by name."""
    return [
        Shape(name, schema.get("description", ""), tuple(_fields(schema)))
        for name, schema in sorted(document["components"]["schemas"].items())
        if "properties" in schema
    ]


def _operation(document: dict[str, Any], path: str, method: str, said: Any) -> Operation:
    parameters = [
        Field(p["name"], p["in"], _kind(p["schema"]), p.get("required", False), _said(p))
        for p in said.get("parameters", [])
    ]
    media, body = _body(document, said)
    return Operation(
        name=said["operationId"],
        method=method,
        path=path,
        words=said["description"],
        who=_who(said["security"]),
        fields=(*parameters, *_fields(body)),
        answers=tuple(_answers(said)),
        example=_example(document, path, method, media, body, _who(said["security"])),
    )


def _body(document: dict[str, Any], said: Any) -> tuple[str, dict[str, Any]]:
    content = said.get("requestBody", {}).get("content", {})
    for media, one in content.items():
        return media, _resolved(document, one["schema"])
    return "", {}


def _who(security: list[dict[str, list[str]]]) -> str:
    if security == [{}]:
        return "anybody"
    if not any("token" in way for way in security):
        return "owner"
    scopes = [" and ".join(way["oauth2"]) for way in security if way.get("oauth2")]
    return " or ".join(scopes) or "token"


def _answers(said: Any) -> list[Answer]:
    found = []
    for status, answer in said["responses"].items():
        content = answer.get("content", {"": {"schema": {}}})
        for media, one in content.items():
            shape = one["schema"].get("$ref", "").rpartition("/")[2]
            found.append(Answer("else" if status == "default" else status, media, shape))
    return found


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, "body", _kind(one), name in required, _said(one))
        for name, one in schema.get("properties", {}).items()
    ]


def _said(one: dict[str, Any]) -> str:
    return str(one.get("description") or one.get("schema", {}).get("description", ""))


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return " or ".join(_kind(one) for one in schema[word])
    if "enum" in schema:
        return ", ".join(json.dumps(one) for one in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    kinds = schema.get("type", "anything")
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "items" in schema:
        words += f" of {_kind(schema['items'])}"
    return f"{words} ({schema['format']})" if "format" in schema else words


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(document["components"]["schemas"][name]) if name else schema


def _example(
    document: dict[str, Any], path: str, method: str, media: str, body: dict[str, Any], who: str
) -> str:
    """A call for a shell, as the guide has them: $SATCHEL is the address, $TOKEN the token."""
    words = ["curl -sS"] + ([f"-X {method}"] if method not in ("GET", "POST") else [])
    words.append('"$SATCHEL/' + path.removeprefix(PREFIX).replace("{", "$").replace("}", "") + '"')
    if who == "owner":
        words.append('-b "$COOKIES"')
        words += ['-H "X-CSRFToken: $CSRF"'] if method != "GET" else []
    elif who != "anybody":
        words.append('-H "Authorization: Bearer $TOKEN"')
    if media == _JSON:
        sent = json.dumps(_sample(document, body))
        words.append(f'-H "Content-Type: {_JSON}" -d {shlex.quote(sent)}')
    elif media:
        words.append("-F files=@export.zip")
    elif method == "POST":
        words.insert(1, "-X POST")
    return " \\\n  ".join(words)


def _sample(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    """Something that fits: what is required, or else the first field."""
    schema = _resolved(document, schema)
    if depth > _DEEPEST:
        return None
    if "properties" in schema:
        names = schema.get("required") or list(schema["properties"])[:1]
        return {n: _sample(document, schema["properties"][n], depth + 1) for n in names}
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return _sample(document, schema[word][0], depth + 1)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    if kind == "array":
        return [_sample(document, schema["items"], depth + 1)]
    plain = {"boolean": True, "integer": schema.get("minimum", 1), "number": 1.0, "object": {}}
    formats = {"uuid": "00000000-0000-7000-8000-000000000000", "date-time": "2030-01-01T12:00:00Z"}
    return plain.get(kind, formats.get(schema.get("format", ""), "..."))
