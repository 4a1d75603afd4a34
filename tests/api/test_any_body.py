"""Whatever is sent, nothing breaks: no 5xx, and what is accepted was valid."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import throttles
from api.errors import CONTENT_TYPE
from tests.api.people import App, Owner

RUNS = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["fact", "user", "markdown", "2026-01-01T00:00:00Z", "0001-01-01T00:00Z"])
    | st.uuids().map(str)
    | st.datetimes().map(lambda when: when.isoformat())
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
messages = st.lists(
    st.fixed_dictionaries({}, optional={"role": scalars, "content": scalars, "x": scalars}),
    max_size=3,
)
fields = {
    "query": scalars, "limit": scalars, "max_tokens": scalars, "format": scalars,
    "kinds": st.lists(scalars, max_size=3) | scalars, "messages": messages | scalars,
    "collections": st.lists(scalars, max_size=3) | scalars, "after": scalars, "before": scalars,
    "purpose": scalars, "text": scalars, "kind": scalars, "title": scalars, "pinned": scalars,
    "collection_id": scalars, "occurred_at": scalars,
}  # fmt: skip
objects = st.fixed_dictionaries({}, optional=fields)
# Mostly right bodies, so that the vault behind is reached too.
good_text = st.text(min_size=1, max_size=60)
nearly = st.one_of(
    st.fixed_dictionaries({"query": good_text}, optional={"limit": st.integers(0, 101)}),
    st.fixed_dictionaries({"text": good_text}, optional={"title": st.text(max_size=20)}),
    st.fixed_dictionaries({"text": good_text, "occurred_at": st.datetimes().map(str)}),
    st.fixed_dictionaries({"messages": st.lists(st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "tool"]), "content": st.text(max_size=60)}
    ), max_size=4)}),
)  # fmt: skip
targets = st.sampled_from(["POST search", "POST context", "POST memories", "PATCH memories/{id}"])


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "PER_GRANT", 1_000_000)


@pytest.fixture(scope="module")
def target(ada: Owner) -> str:
    return str(ada.remembers("To be revised again and again.").id)


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    assert answer.status_code in (200, 201, 202, 400, 404, 413, 415, 422)
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
    json.loads(answer.content)


@RUNS
@given(where=targets, body=objects | nearly | anything)
def test_any_json(app: App, target: str, where: str, body: Any) -> None:
    method, path = where.split()
    data = json.dumps(body).encode("utf-8", "surrogatepass")
    check(app.call(method, path.replace("{id}", target), data))


@RUNS
@given(where=targets, data=st.binary(max_size=200))
def test_any_bytes(app: App, target: str, where: str, data: bytes) -> None:
    method, path = where.split()
    check(app.call(method, path.replace("{id}", target), data))


@RUNS
@given(
    names=st.dictionaries(
        st.sampled_from(["limit", "cursor", "kinds", "collections", "x"]) | st.text(max_size=5),
        st.text(max_size=30) | st.integers().map(str),
        max_size=4,
    )
)
def test_any_query_string(app: App, names: dict[str, str]) -> None:
    from urllib.parse import urlencode

    check(app.get("memories?" + urlencode(names, errors="surrogatepass")))


@RUNS
@given(
    value=st.text(
        st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=300
    )
)
def test_any_header(app: App, target: str, value: str) -> None:
    headers = {"Idempotency_Key": value, "If_Match": value, "Accept": "*/*"}
    answer = app.patch(f"memories/{target}", {"title": "t"}, **headers)
    assert answer.status_code in (200, 400, 412)
    check(app.post("memories", {"text": "Again and again."}, **headers))


@RUNS
@given(path=st.text(max_size=60))
def test_any_path(app: App, path: str) -> None:
    from urllib.parse import quote

    answer = app.get("memories/" + quote(path, errors="surrogatepass"))
    assert answer.status_code in (200, 404)
