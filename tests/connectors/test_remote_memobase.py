"""Memobase's profiles: errors inside of HTTP 200, topics, and users that do not exist."""

from typing import Any

import httpx
import pytest

from connectors.base.errors import (
    AuthError,
    BadResponse,
    ConnectorError,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.memobase.remote import Memobase
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Replay, recording

USER = "7b1c5a52-3c8e-4d0a-9f51-2f0c6f6f2a11"
OPTIONS = {"api_key": "sk-not-a-real-token", "user_id": USER}


class TestMemobase(RestConformance):
    connector = Memobase
    options = OPTIONS

    def test_topics_become_titles_and_ours_come_back_as_they_were(self) -> None:
        theirs, mine, titled = self.listing()
        assert theirs.item and mine.item and titled.item
        assert (theirs.item.kind, theirs.item.title, theirs.key) == (
            "profile",
            "basic_info, name",
            "",
        )
        assert (mine.item.kind, mine.item.title, mine.key) == ("preference", "", "key-b")
        assert (titled.item.kind, titled.item.title) == ("fact", "Family")

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        moved = scene("pages")[1:]
        moved[0]["answer"]["data"]["profiles"][0]["content"] = "Newer."
        first = self.first()
        for write in (lambda r: r.update(first, ITEM), lambda r: r.delete(first)):
            with pytest.raises(PreconditionFailed):
                write(memobase(moved))

    def test_an_entry_that_went_while_it_was_changed_is_not_taken_for_changed(self) -> None:
        """Memobase says that all is well."""
        going = scene("update")
        del going[-1]["answer"]["data"]["profiles"][0]
        with pytest.raises(NotFound):
            memobase(going).update(self.first(), ITEM)


def scene(name: str) -> list[dict[str, Any]]:
    return list(recording("memobase")["scenes"][name])


def memobase(exchanges: list[dict[str, Any]], **more: str) -> Remote:
    options = filled(Memobase.Options, OPTIONS | more)
    return Remote(Memobase(options, httpx.Client(transport=Replay(exchanges))))


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (401, AuthError),
        (403, AuthError),
        (404, BadResponse),
        (429, RateLimited),
        (500, Unavailable),
        (503, Unavailable),
        ("0", BadResponse),
        (None, BadResponse),
        (False, BadResponse),
    ],
)
def test_an_error_inside_of_200_is_one(number: Any, error: type[ConnectorError]) -> None:
    failed = scene("pages")
    failed[1]["answer"] = {"data": None, "errno": number, "errmsg": "sk-not-a-real-token"}
    with pytest.raises(error) as caught:
        list(memobase(failed).pages())
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("number", [422, 520])
def test_an_entry_that_it_cannot_read_is_refused(number: int) -> None:
    failed = scene("create")
    failed[0]["answer"] = {"data": None, "errno": number, "errmsg": ""}
    with pytest.raises(Rejected):
        memobase(failed).create(ITEM, KEY)


def test_a_user_that_it_does_not_know_has_no_empty_profile() -> None:
    unknown = scene("pages")
    unknown[0]["answer"] = {"data": None, "errno": 404, "errmsg": "User not found"}
    with pytest.raises(BadResponse):
        list(memobase(unknown).pages())


def test_a_user_id_is_a_uuid() -> None:
    with pytest.raises(Misconfigured) as caught:
        memobase([], user_id="../../project").check()
    assert caught.value.field == "user_id"


def test_two_entries_of_one_id_are_no_listing() -> None:
    twice = scene("pages")
    twice[1]["answer"]["data"]["profiles"] *= 2
    with pytest.raises(BadResponse):
        list(memobase(twice).pages())
