"""LibreChat's memories."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import (
    AuthError,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.librechat import remote as librechat
from connectors.librechat.remote import LibreChat
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay

ADDRESS = "http://127.0.0.1:3080"
PASSWORD = {"base_url": ADDRESS, "email": "ada@example.org", "password": "not-a-real-password"}
LOGIN = {
    "request": "POST /api/auth/login",
    "body": {"email": "ada@example.org", "password": "not-a-real-password"},
    "answer": {"token": "jwt-1", "user": {"id": "u1"}},
}


class TestLibreChat(RestConformance):
    connector = LibreChat
    options = {"base_url": ADDRESS, "token": "jwt-not-a-real-token"}


def connect(*exchanges: dict[str, Any], **options: str) -> Remote:
    return reach(Replay(list(exchanges)), **options)


def reach(transport: httpx.BaseTransport, **options: str) -> Remote:
    given = filled(LibreChat.Options, options or TestLibreChat.options)
    return Remote(LibreChat(given, httpx.Client(transport=transport)))


def memory(key: str = "favourite_drink", value: str = "Tea") -> dict[str, Any]:
    return {"_id": "x", "key": key, "value": value, "updated_at": "2026-01-02T03:04:05.678Z"}


def listing(*found: dict[str, Any]) -> dict[str, Any]:
    answer = {"memories": list(found), "totalTokens": 1, "tokenLimit": None}
    return {"request": "GET /api/memories", "answer": answer}


def read(**other: str) -> Entry:
    ((entry,),) = [page.entries for page in connect(listing(memory(**other))).pages()]
    return entry


def test_a_run_logs_in_once_and_the_token_goes_with_every_request() -> None:
    headers = {"headers": {"authorization": "Bearer jwt-1"}}
    user = {"request": "GET /api/user", "answer": {"id": "u1", "email": "ada@example.org"}}
    said = [LOGIN, {**user, **headers}, {**listing(), **headers}, {**listing(), **headers}]
    remote = connect(*said, **PASSWORD)
    assert remote.check().id == "127.0.0.1:3080/u1"
    assert [page.entries for page in remote.pages()] == [[]]


def test_a_token_that_grows_old_is_replaced_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(librechat, "monotonic", lambda: now[0])
    again = {**LOGIN, "answer": {"token": "jwt-2"}}
    fresh = {**listing(), "headers": {"authorization": "Bearer jwt-2"}}
    remote = connect(LOGIN, listing(), again, fresh, **PASSWORD)
    list(remote.pages())
    now[0] += 700
    list(remote.pages())


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_wrong_password_asks_to_reconnect(status: int) -> None:
    with pytest.raises(AuthError):
        reach(Always(status), **PASSWORD).check()


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (503, Unavailable)])
def test_a_login_that_has_to_wait_says_so(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        reach(Always(status), **PASSWORD).check()


def test_a_second_factor_is_said_plainly() -> None:
    answer = {"twoFAPending": True, "tempToken": "t"}
    with pytest.raises(AuthError, match="second factor"):
        connect({**LOGIN, "answer": answer}, **PASSWORD).check()


@pytest.mark.parametrize("missing", ["email", "password"])
def test_half_of_the_credentials_is_not_tried(missing: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(**{name: value for name, value in PASSWORD.items() if name != missing}).check()
    assert caught.value.field == "email"


def test_names_that_people_gave_become_titles() -> None:
    assert read().item == Item("Tea", title="favourite drink", updated_at=read().item.updated_at)  # type: ignore[union-attr]
    assert read().key == ""


@given(key=st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True))
def test_every_key_comes_back_from_a_name_of_small_letters(key: str) -> None:
    name = f"satchel_{librechat._letters(key)}"
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz_") and len(name) <= 1000
    assert librechat._key_in(name) == key


@pytest.mark.parametrize("name", ["satchel_", "satchel_x", "satchel_pp", "satchel_tea_time"])
def test_names_that_only_look_like_ours_have_no_key(name: str) -> None:
    assert read(key=name).key == ""


def test_a_second_try_is_found_by_the_next_listing() -> None:
    there = {
        "request": "POST /api/memories",
        "body": {"key": f"satchel_{librechat._letters(KEY)}", "value": ITEM.text},
        "status": 409,
        "answer": {"error": "Memory with this key already exists."},
    }
    assert connect(there).create(ITEM, KEY) is None


def test_no_room_left_is_a_refusal_of_this_one() -> None:
    full = {"request": "POST /api/memories", "status": 400, "answer": {"error": "token limit"}}
    with pytest.raises(Rejected):
        body = {"key": f"satchel_{librechat._letters(KEY)}", "value": ITEM.text}
        connect({**full, "body": body}).create(ITEM, KEY)


def test_what_changed_there_is_not_overwritten() -> None:
    changed = listing(memory(value="Coffee"))
    for write in (lambda r: r.update(read(), ITEM), lambda r: r.delete(read())):
        with pytest.raises(PreconditionFailed):
            write(connect(changed))


def test_what_is_gone_is_neither_written_nor_missed() -> None:
    with pytest.raises(NotFound):
        connect(listing()).update(read(), ITEM)
    connect(listing()).delete(read())


def test_the_one_name_that_its_api_takes_for_something_else() -> None:
    with pytest.raises(Rejected, match="this name"):
        connect().update(read(key="preferences"), ITEM)


def test_odd_names_are_quoted() -> None:
    odd = memory(key="a/b ?")
    written = {
        "request": "PATCH /api/memories/a%2Fb%20%3F",
        "body": {"value": ITEM.text},
        "answer": {"updated": True, "memory": memory(key="a/b ?", value=ITEM.text)},
    }
    assert connect(listing(odd), written).update(read(key="a/b ?"), ITEM).item
