"""Cognee's datasets: documents that are asked for one by one, and pages that may not be."""

from typing import Any

import httpx
import pytest

from connectors.base.errors import (
    BadResponse,
    Misconfigured,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry
from connectors.cognee.remote import Cognee
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Replay, recording

OPTIONS = {
    "base_url": "http://127.0.0.1:8772",
    "dataset": "memories",
    "api_key": "not-a-real-key",
}


class TestCognee(RestConformance):
    connector = Cognee
    options = OPTIONS

    def test_the_new_document_is_there_before_the_old_one_goes(self) -> None:
        said = [one["request"].split()[0] for one in scene("update")]
        assert said.index("POST") < said.index("DELETE") == len(said) - 1

    def test_kind_title_and_key_come_back(self) -> None:
        found = {e.key: e.item for e in self.listing()}
        home = found["seed-0"]
        assert home and (home.kind, home.title) == ("profile", "Home")

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        moved = scene("update")[:2]
        moved[1]["text"] = "Newer."
        first = self.first()
        for write in (lambda r: r.update(first, ITEM), lambda r: r.delete(first)):
            with pytest.raises(PreconditionFailed):
                write(cognee(moved))


def scene(name: str) -> list[dict[str, Any]]:
    return list(recording("cognee")["scenes"][name])


def cognee(exchanges: list[dict[str, Any]], **more: str) -> Remote:
    options = filled(Cognee.Options, OPTIONS | more)
    return Remote(Cognee(options, httpx.Client(transport=Replay(exchanges))))


def listed(*pages: list[Any], count: dict[str, Any]) -> list[Entry]:
    """What comes of pages with these documents, each by its number or as it is."""
    dataset, first, *_ = scene("pages")
    data = first["request"].split()[1].split("?")[0]
    row, seen = first["answer"][0], set[str]()
    exchanges = [dataset]
    for number, page in enumerate(pages):
        rows = [one if isinstance(one, dict) else {**row, "id": str(one)} for one in page]
        query = f"limit=100&offset={number * 100}"
        exchanges.append({"request": f"GET {data}?{query}", "answer": rows})
        for one in rows:
            is_text = one["mimeType"].startswith("text/") and one["dataSize"] < 10**6
            if one["id"] not in seen and is_text:
                request = f"GET {data}/{one['id']}/raw"
                exchanges.append({"request": request, "text": f"Text {one['id']}."})
            seen.add(one["id"])
    exchanges.append({"request": f"GET {data}/count", **count})
    return [entry for page in cognee(exchanges).pages() for entry in page.entries]


OLD = {"status": 404}


def test_pages_are_asked_for_until_one_is_not_full() -> None:
    numbers = list(range(130))
    assert len(listed(numbers[:100], numbers[100:], count={"answer": {"count": 130}})) == 130


def test_an_older_server_gives_all_at_once() -> None:
    assert len(listed(list(range(130)), count=OLD)) == 130
    full = list(range(100))
    assert len(listed(full, full, count=OLD)) == 100, "and the same once more"


def test_what_shifts_between_pages_is_listed_once_or_missed() -> None:
    pages = list(range(100)), [99, 100]
    assert len(listed(*pages, count={"answer": {"count": 101}})) == 101
    with pytest.raises(Unavailable):
        listed(*pages, count={"answer": {"count": 102}})


def test_documents_that_are_no_memories_are_left_alone() -> None:
    row = scene("pages")[1]["answer"][0]
    pdf = {**row, "id": "pdf", "mimeType": "application/pdf"}
    large = {**row, "id": "large", "dataSize": 10**9}
    found = listed([pdf, large], count={"answer": {"count": 2}})
    assert all(one.item is None and one.unreadable for one in found)


@pytest.mark.parametrize("datasets", [[], ["memories", "memories"], ["others"]])
def test_a_dataset_that_is_not_one_is_told_at_its_field(datasets: list[str]) -> None:
    answer = [{"id": str(n), "name": name} for n, name in enumerate(datasets)]
    with pytest.raises(Misconfigured) as caught:
        cognee([{"request": "GET /api/v1/datasets", "answer": answer}]).check()
    assert caught.value.field == "dataset"


def test_a_document_that_it_did_not_take_is_refused() -> None:
    failed = scene("create")
    at = next(n for n, one in enumerate(failed) if one["request"].startswith("POST"))
    failed[at]["answer"]["status"] = "PipelineRunErrored"
    with pytest.raises(Rejected):
        cognee(failed).create(ITEM, KEY)


def test_a_document_that_does_not_show_is_no_success() -> None:
    failed = scene("create")
    rows = next(n for n, one in enumerate(failed) if "offset=0" in one["request"])
    failed[rows]["answer"] = []
    with pytest.raises(BadResponse):
        cognee(failed).create(ITEM, KEY)
