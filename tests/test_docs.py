"""The documentation says what the code does, and its links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from api import idempotency, pagination, parsing, throttles
from api.errors import TABLE, UNEXPECTED
from api.rest import body as bodies
from api.rest import schema as openapi
from api.rest.context import ContextBody
from api.rest.search import SearchBody
from tests import labelled
from tests.stack import ROOT
from tests.vault.test_quarantine import corpus
from vault import memories, text
from vault.log import access_log
from vault.models import TenantModel
from vault.reviewing.signs import signs
from vault.sorting import looks
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

    return openapi.document()


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


_PATH = re.compile(
    r"`((?:tests|vault|sync|connectors|config|frontend|api|tools|docs|docker)/[\w./*-]+)`"
)
_MODULE = re.compile(r"python -m ([\w.]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_named_is_there(page: Path) -> None:
    for path in _PATH.findall(_words(page)):
        assert list(ROOT.glob(path.rstrip("/"))), f"{page.name} names {path}, which is not there"
    for module in _MODULE.findall(_words(page)):
        path = ROOT / module.replace(".", "/")
        there = path.with_suffix(".py").exists() or (path / "__main__.py").exists()
        assert there, f"{page.name} runs {module}, which is not there"


def _section(page: Path, heading: str) -> str:
    return re.split(r"(?m)^## ", _words(page).split(f"\n## {heading}", 1)[1])[0]


SECURITY = ROOT / "SECURITY.md"


def test_security_begins_with_who_attacks_then_promises_then_what_is_not_promised() -> None:
    headings = re.findall(r"^## (.+)$", _words(SECURITY), re.MULTILINE)
    assert headings[:3] == [
        "Threats",
        "Promises, and the test of each",
        "What we do not protect against",
    ]


def test_every_promise_has_a_test() -> None:
    rows = re.findall(r"^\| (.+) \| (.+) \|$", _section(SECURITY, "Promises"), re.MULTILINE)[1:]
    assert len(rows) > 30
    for promise, tests in rows:
        assert "`tests/" in tests, f"no test is named for: {promise}"


def test_the_measured_figures_are_those_that_are_measured_now() -> None:
    limits = " ".join(_section(SECURITY, "What we do not protect against").split())
    fresh = labelled.measure(labelled.examples("sorting-fourth.jsonl")).kinds["any"]
    held_out = labelled.measure(labelled.half(held_out=True)).kinds["any"]
    bad, good = corpus("orders_held_out.json")
    found, alarms = (sum(bool(signs(text)) for text in texts) for texts in (bad, good))
    for words in (
        f"it found {fresh.recall * 100:.0f} of 100 sensitive ones, and "
        f"{100 - fresh.precision * 100:.0f} of 100 that it called sensitive were not",
        f"it found {held_out.recall * 100:.0f}, and {100 - held_out.precision * 100:.0f} of 100",
        f"the first {looks._MOST_CHARACTERS:,} characters",
        f"it found {found} of {len(bad)}, with {alarms} false alarm in {len(good)}",
    ):
        assert words in limits, f"SECURITY.md no longer says: {words}"


# What a plain column that is no id and no time is called there. A column that is new has to be
# named there first, so that nothing becomes readable unseen.
TOLD: dict[str, set[str]] = {
    "kinds, times, pins": {"Memory.kind", "Memory.pinned", "Revision.kind"},
    "their order": {"Memory.position", "Collection.position", "SortingRule.position"},
    "whether you confirmed them": {"Memory.trusted"},
    "whether they wait for you": {"Memory.held"},
    "may be the same or disagree": {"Pair.kind", "Pair.state"},
    "sizes, padded": {"Segment.count", "TurnedVector.passage", "Shelf.part"},
    "the vendor": {"Source.vendor", "Import.vendor"},
    "under whose name": {"Revision.changed_by"},
    "which grant wants what": {"Suggestion.action", "Suggestion.settled"},
    "what was done": {"Act.verb", "Act.param", "Act.state", "Act.total", "Act.done", "Act.changed"},
    "which memories": {"ActPart.number", "ActPart.done"},
    "which are private": {"Collection.private"},
    "whether they are indexed": {
        "Collection.indexed",
        "Collection.becoming",
        "TurnedVector.turned",
    },
    "are of a bundled model": {"Vector.model", "Segment.model", "TurnedVector.model"},
    "the names you give to grants, their rights and times": {
        *(
            "Grant.kind",
            "Grant.name",
            "Grant.client_id",
            "Grant.confirmed_only",
            "GrantSlot.kind",
        ),
        *("GrantRight.see", "GrantRight.add", "GrantRight.upto"),
    },
    "public keys of passkeys": {"KeySlot.kind", "KeySlot.header", "KeySlot.name"},
    "what a job is for": {"JobSlot.purpose"},
    "in which browser on which system": {"SessionSlot.browser", "SessionSlot.system"},
    "who asked, when, what for an action and how many memories": {
        *("LogEntry.asker_kind", "LogEntry.action", "LogEntry.count"),
        *("LogHead.count", "LogHead.cut", "LogHead.keep_days"),
    },
    "Counts of an import": {
        *("Import.state", "Import.found", "Import.bytes_total", "Import.bytes_read"),
        *("Import.sort", "Import.checkpoint", "Import.written", "Import.merged", "Import.known"),
        *("Import.indexed", "Import.to_index", "ImportFile.position", "ImportFile.size"),
    },
    "which service": {"Connection.connector"},
    "how often, what kinds it sends": {"Connection.every", "Connection.kinds"},
    "how conflicts are decided": {"Connection.policy", "Connection.keep_there"},
    "its state, how far it is and what went wrong": {
        *("Connection.state", "Connection.said", "Connection.failures", "Connection.guard"),
        *("Connection.waived", "Connection.stage", "Connection.done", "Connection.total"),
    },
    "its counts and reasons": {
        *("Run.kind", "Run.outcome", "Run.said", "Run.full", "Run.counts", "Run.skipped"),
        "Run.requests",
    },
    "whether we made it and how often it came back changed": {"Link.by_us", "Link.turns"},
    "receipts and questions": {"Receipt.state", "Receipt.said", "Conflict.reason"},
    "where to, when, from which collections": {
        *("Handoff.target", "Handoff.wanted", "Handoff.count", "Handoff.left_out"),
        *("Handoff.talks", "Handoff.steps"),
    },
    "of each run when, its state, how many conversations, turns, proposals and tokens": {
        *("Distilling.state", "Distilling.total", "Distilling.turns", "Distilling.counts"),
        *("Distilling.tokens_in", "Distilling.tokens_out", "Distilling.guessed"),
        "Distilling.failures",
    },
    "which conversations were read, up to which turn": {
        *("Distilled.position", "Distilled.proposed", "Distilled.unreadable"),
    },
    "of archives their size, counts, times and state": {
        *("ArchiveJob.kind", "ArchiveJob.state", "ArchiveJob.size", "ArchiveJob.vectors"),
        *("ArchiveJob.embedders", "ArchiveJob.new_keys", "ArchiveJob.stage", "ArchiveJob.total"),
        *("ArchiveJob.checkpoint", "ArchiveJob.done", "ArchiveJob.counts", "ArchiveJob.left_out"),
        *("ArchiveJob.notes", "ArchiveJob.error"),
    },
}
SAYS_NOTHING = {  # how often something was changed
    *("epoch", "seq", "arrived", "revision", "version", "key_version", "grant_version")
}
CHECKS = {"Manifest.count", "IdempotencyKey.status"}  # follow from the rest


def test_every_plain_column_is_named() -> None:
    sections = ("What is plain in the database", "Indexed collections")
    page = " ".join(" ".join(_section(SECURITY, one) for one in sections).split())
    for words in TOLD:
        assert words in page, f"SECURITY.md no longer says: {words}"
    dull = (models.UUIDField, models.BinaryField, models.DateField, models.ForeignKey)
    there = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.local_fields
        if not isinstance(field, (*dull, models.CompositePrimaryKey))
        if field.name not in SAYS_NOTHING
    }
    assert there == set().union(*TOLD.values()) | CHECKS
