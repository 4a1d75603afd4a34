"""No page is forgotten by the script that takes a picture of each."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import get_resolver, resolve
from django.urls.resolvers import URLPattern, URLResolver

from tests.people import Person, signed_in

ROOT = Path(__file__).resolve().parents[2]
OTHERWISE = {
    "no page of its own": {
        *("alive", "language", "lock", "share", "manifest", "sources-css", "notice"),
        *("passkey-options", "passkey-new-options", "map-points", "map-list", "map-card"),
        *("grant-row", "grant-row-undo"),
    },
    "a file": {"archive-download", "log-export", "move-files"},
    "for apps": {
        *("oauth-server-metadata", "oauth-resource-metadata", "mcp-metadata", "rest-metadata"),
        *("token", "revoke-token", "dcr-register", "dcr-register-management"),
    },
    "on to another page": {
        *("mfa_index", "suggestions", "suggestion-accept", "suggestion-decline"),
        *("account_set_password", "account_confirm_login_code", "mfa_login_webauthn"),
        "account_email",
    },
    "stands only while something went wrong": {
        *("checkup-accept", "log-anew", "connection-waive", "archive-resume"),
    },
}
"""Names without a picture, and why."""
ARGUMENTS = {"uuid": str(uuid4()), "int": "1", "slug": "abc", "str": "abc"}


@pytest.fixture
def pictured(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Every name of a picture; with its address, if that is fixed."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    pages, walks, newcomer = (import_module(name) for name in ("pages", "walks", "newcomer"))
    walked = (*newcomer.NAMES, *(name for names in walks.OF_OWNER.values() for name in names))
    return {**dict.fromkeys([*walked, *pages.FOUND], ""), **pages.STRANGERS, **pages.PAGES}


def named(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, str]]:
    """Every name outside the API, and an address for it."""
    for one in resolver.url_patterns:
        address = before + str(one.pattern).removeprefix("^").removesuffix("$")
        if isinstance(one, URLResolver):
            yield from named(one, address)
        elif isinstance(one, URLPattern) and one.name and not address.startswith("/api/"):
            for kind, value in ARGUMENTS.items():
                for name in one.pattern.converters:
                    address = address.replace(f"<{kind}:{name}>", value)
            yield one.name, address


def test_every_page_has_its_picture(pictured: dict[str, str], person: Person) -> None:
    owner = signed_in(person)
    taken = {name.split("@")[0] for name in pictured}
    apart = set().union(*OTHERWISE.values())
    assert taken & apart == set()
    forgotten = [
        name
        for name, address in named(get_resolver())
        if name not in taken | apart and owner.get(address).status_code != 405
    ]
    assert not forgotten, f"into tools/pages.py, or here with a reason: {', '.join(forgotten)}"


def test_an_exception_is_one_of_a_page_that_is_there(pictured: dict[str, str]) -> None:
    there = {name for name, _ in named(get_resolver())}
    assert set().union(*OTHERWISE.values()) - there == set()
    errors = {path.stem for path in (ROOT / "frontend/templates").glob("*.html")}
    assert {name.split("@")[0] for name in pictured} - there - errors == set()


def test_a_picture_is_called_like_the_page_it_shows(pictured: dict[str, str]) -> None:
    for name, address in pictured.items():
        if address:
            assert resolve(address.split("?")[0]).url_name == name.split("@")[0]
