"""The API's documentation as a page: complete, under the strict policy, and without a script."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from api import reading
from api.rest.schema import document


@pytest.fixture(scope="module")
def page(database: None) -> str:
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    return answer.content.decode()


def test_every_call_and_shape_is_on_it(page: str) -> None:
    calls = [call for calls in reading.operations(document()).values() for call in calls]
    assert len(calls) == sum(len(methods) for methods in document()["paths"].values())
    for call in calls:
        assert f'<article id="call-{call.name}">' in page
        assert f"<code>{call.path}</code>" in page
        assert call.example.startswith("curl -sS")
    for shape in document()["components"]["schemas"].values():
        for field in shape.get("properties", {}):
            assert f"<code>{field}</code>" in page


def test_it_needs_nothing_from_elsewhere_and_no_script(page: str) -> None:
    assert "<script" not in page
    assert "style=" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    (sheet,) = re.findall(r'rel="stylesheet" href="/static/([^"]+)"', page)
    with open(str(finders.find(sheet))) as file:  # noqa: PTH123
        assert "url(" not in file.read()


def test_its_links_lead_somewhere(page: str) -> None:
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert len(ids) == len(re.findall(r'id="([^"]+)"', page)), "each id once"
    for link in re.findall(r'href="#([^"]+)"', page):
        assert link in ids or link.removeprefix("shape-") in document()["components"]["schemas"]


def test_it_says_who_may_call(page: str) -> None:
    calls = {c.name: c.who for noun in reading.operations(document()).values() for c in noun}
    assert calls["health"] == "anybody"
    assert calls["grants_list"] == "owner"
    assert calls["me"] == "token"
    assert calls["search"] == "memory.read"
    assert calls["memories_remember"] == "memory.write or memory.suggest"


def test_only_reading_it_is_possible(page: str) -> None:
    assert Client().post("/api/v1/docs").status_code == 405
    assert Client().head("/api/v1/docs").status_code == 200
