"""The documentation says what the code does, and its links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest

from api import idempotency, pagination, parsing, throttles
from api.errors import TABLE, UNEXPECTED
from api.rest import body as bodies
from api.rest import schema as openapi
from api.rest.context import ContextBody
from api.rest.search import SearchBody
from tests.stack import ROOT
from vault import access_log, memories, text
from vault.types import KINDS

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])


def _words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _anchor(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return plain.strip().replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    return {_anchor(heading) for heading in _HEADING.findall(_FENCED.sub("", _words(page)))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", _words(page))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}, which is not there"
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target), f"{page.name} links to {link}: no such heading"


@pytest.fixture(scope="module")
def guide() -> str:
    return _words(ROOT / "docs" / "api.md")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:

    return openapi._document()


def test_the_guide_lists_every_call(guide: str, document: dict[str, Any]) -> None:
    told = set(re.findall(r"^\| `([A-Z]+ /api/v1/[^`]+)` \|", guide, re.MULTILINE))
    there = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert told == there


def test_the_guide_names_every_field(guide: str, document: dict[str, Any]) -> None:
    named = set(re.findall(r'[`{" ]"?(\w+)"?[`,:}" ]', guide))
    for component, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert field in named, f"docs/api.md does not mention {field} of {component}"


def test_the_guide_lists_every_problem(guide: str) -> None:
    told = set(re.findall(r"^\| (\d+) \| `(urn:[^`]+)` \|", guide, re.MULTILINE))
    there = {(str(p.status), p.type) for p in [*(p for _, p in TABLE), UNEXPECTED]}
    assert told == there


def test_the_guide_has_the_limits_right(guide: str) -> None:
    plain = " ".join(guide.split())
    context, search = ContextBody(), SearchBody()
    tokens, limit = context.fields["max_tokens"], search.fields["limit"]
    for words in (
        f"up to {bodies.LONGEST_QUERY:,} characters",
        f"up to {bodies.MOST_MESSAGES} of",
        f"{tokens.min_value} to {tokens.max_value:,}. {tokens.default:,} if left out",
        f"`limit` ({limit.min_value} to {limit.max_value}, {limit.default} if left out)",
        f"`limit` (1 to {bodies.MOST_RESULTS}, {pagination.PAGE} if left out)",
        f"up to {access_log.LONGEST_PURPOSE} characters. The owner reads",
        f"(up to {text.LONGEST:,} characters)",
        f"{throttles.PER_GRANT} requests a minute",
        f"more than {throttles.FAILURES_PER_ADDRESS} tokens a minute",
        f"{parsing.LARGEST_BODY // 1024**2} MiB and {parsing.DEEPEST} levels",
        f"For {idempotency.KEPT_FOR.total_seconds() / 3600:.0f} hours",
        f"undo that for {memories.UNDO_FOR.days} days",
    ):
        assert words in plain, f"docs/api.md no longer says: {words}"
    assert all(f"`{kind}`" in guide for kind in KINDS)
