"""The plain functions behind the pages."""

import base64
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse, set_script_prefix
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.registry import vendors
from frontend.presenters import excerpts
from frontend.presenters.excerpts import changes, pieces
from frontend.presenters.wanted import Wanted
from frontend.signin import once, session
from frontend.signin.gate import next_page, page_of
from frontend.templatetags.ui import address, ago, bars, beginning, mark, shown, split, until
from frontend.words import KIND_HELP, KIND_NAMES
from frontend.words.levels import level_of
from frontend.words.sources import UNKNOWN, look_of, looks, stylesheet
from vault.types import KINDS, OpenSession, Right


@given(st.text(), st.text())
def test_a_diff_holds_both_versions_whole(old: str, new: str) -> None:
    found = changes(old, new)
    assert "".join(c.text for c in found if c.what != "new") == old
    assert "".join(c.text for c in found if c.what != "gone") == new


def test_a_diff_reads_as_a_person_would_say_it() -> None:
    found = [(c.what, c.text) for c in changes("eats fish on holidays", "eats no fish any more")]
    assert found == [
        ("same", "eats"),
        ("new", " no"),
        ("same", " fish "),
        ("gone", "on holidays"),
        ("new", "any more"),
    ]


@given(st.text(max_size=2000), st.text(max_size=40))
def test_an_excerpt_is_a_part_of_the_text(text: str, query: str) -> None:
    shown_part = "".join(piece.text for piece in pieces(text, query))
    assert len(shown_part) <= excerpts.LENGTH + 2
    assert shown_part.removeprefix("…").removesuffix("…") in text + "…"


@given(st.text(), st.text(min_size=1, alphabet="abcdefg"), st.text())
def test_an_excerpt_marks_only_what_was_searched(before: str, word: str, after: str) -> None:
    marked = [p.text for p in pieces(f"{before} {word} {after}", word) if p.hit]
    assert all(text.casefold() == word for text in marked)
    if len(before) < 200:
        assert marked


def test_an_excerpt_of_a_long_text_begins_near_the_hit() -> None:
    text = "x " * 1000 + "the needle " + "y " * 1000
    found = pieces(text, "needle")
    assert [p.text for p in found if p.hit] == ["needle"]
    assert found[0].text.startswith("…")


@given(st.text())
def test_shown_words_hold_nothing_invisible(text: str) -> None:
    seen = shown(text)
    assert not set(seen) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\x00\x1b"
    )


def test_every_right_has_words_of_its_own() -> None:
    every = [Right(see, add) for see in (False, True) for add in ("no", "ask", "yes")]
    assert len({level_of(right).word for right in every}) == len(every)
    assert len({level_of(right).sentence for right in every}) == len(every)
    assert level_of(Right()).word == "none"


def test_every_kind_has_a_name() -> None:
    assert KIND_NAMES.keys() == set(KINDS)
    assert KIND_HELP.keys() <= set(KINDS)


def test_every_source_differs_in_letters_and_in_shape_or_colour() -> None:
    every = list(looks().values())
    assert len({look.code for look in every}) == len(every)
    assert len({(look.shape, look.light) for look in every}) == len(every)
    assert all(f'[data-source="{look.slug}"]' in stylesheet() for look in every)
    assert {slug: look_of(slug).name for slug in vendors()} == {
        slug: vendor.name for slug, vendor in vendors().items()
    }
    assert look_of("something nobody knows") == UNKNOWN


def test_every_shape_of_a_source_is_drawn() -> None:
    drawings = Path("frontend/static/ui/shapes.svg").read_text(encoding="utf-8")
    assert all(f'id="{look.shape}"' in drawings for look in (*looks().values(), UNKNOWN))


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=6), "6 days ago"),
    ],
)
def test_times_are_told_from_now(past: timedelta, words: str) -> None:
    assert ago(timezone.now() - past) == words
    assert ago(None) == "never"


def test_ends_are_told_from_now() -> None:
    assert until(timezone.now() + timedelta(days=2, hours=1)) == "in 2 days"
    assert until(timezone.now() + timedelta(hours=1)) == "today"
    assert until(timezone.now() + timedelta(days=90, minutes=-3)) == "in 90 days"
    assert until(None) == "no end"


def test_charts_keep_within_their_frame() -> None:
    drawn = bars([(timezone.now(), n) for n in (0, 3, 12)], "x")
    assert all(c["y"] >= 0 and c["y"] + c["height"] <= 60 for c in drawn["columns"])
    parts = split([("openai", 5000), ("you", 1)])["pieces"]
    assert parts[-1]["x"] + parts[-1]["width"] <= 1000


def after(request: HttpRequest) -> HttpRequest:
    """The next request of the same browser."""
    answer = HttpResponse()
    session.hand_over(request, answer)
    following = RequestFactory().get("/")
    following.session = request.session
    kept = {name: morsel.value for name, morsel in answer.cookies.items() if morsel.value}
    following.COOKIES = kept
    return following


def first_request() -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    return request


@given(st.text(min_size=1))
def test_a_secret_to_show_once_is_shown_once(secret: str) -> None:
    request = first_request()
    once.put(request, "token", secret)
    assert once.peek(request, "token") == secret
    request = after(request)
    assert once.take(request, "token") == secret
    assert once.take(request, "token") == ""
    assert after(request).COOKIES == {}


def test_neither_half_of_a_secret_holds_it() -> None:
    request = first_request()
    once.put(request, "token", "the secret")
    halves = [*dict(request.session).values(), *after(request).COOKIES.values()]
    assert len(halves) == 2
    for half in halves:
        assert b"the secret" not in base64.urlsafe_b64decode(half)
        assert "the secret" not in half
    without_cookie = RequestFactory().get("/")
    without_cookie.session = request.session
    assert once.peek(without_cookie, "token") == ""
    without_session = after(request)
    without_session.session = SessionStore()
    assert once.peek(without_session, "token") == ""
    odd = after(request)
    odd.COOKIES = dict.fromkeys(odd.COOKIES, "not base64!")
    assert once.peek(odd, "token") == ""


def test_locking_drops_what_waits_to_be_shown() -> None:
    request = first_request()
    once.put(request, "token", "the secret")
    once.put(request, "recovery", "the code")
    once.drop_all(request)
    assert dict(request.session) == {} and after(request).COOKIES == {}


def test_the_key_goes_to_the_browser_and_is_taken_back() -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    session.open_vault(request, OpenSession(uuid4(), uuid4(), "the key"))
    assert "the key" not in str(dict(request.session))
    given = HttpResponse()
    session.hand_over(request, given)
    cookie = given.cookies[session.KEY_COOKIE]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("the key", True, "Lax")
    session.close_vault(request)
    taken = HttpResponse()
    session.hand_over(request, taken)
    assert taken.cookies[session.KEY_COOKIE].value == ""
    assert session.cookie(request, session.KEY_COOKIE) == ""


def test_the_key_cookie_is_secure_over_https() -> None:
    request = RequestFactory().get("/", secure=True)
    request.session = SessionStore()
    session.open_vault(request, OpenSession(uuid4(), uuid4(), "the key"))
    answer = HttpResponse()
    session.hand_over(request, answer)
    assert answer.cookies[session.KEY_COOKIE]["secure"]


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/memories/?q=x", "/memories/?q=x"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/\\evil.example", "/"),
    ],
)
def test_next_leads_only_within_this_site(wanted: str, leads_to: str) -> None:
    assert next_page(RequestFactory().get("/unlock/", {"next": wanted})) == leads_to


def test_a_fragment_belongs_to_the_page_it_is_on() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/memories/?q=x"}
    assert page_of(RequestFactory().get("/memories/1/edit/", headers=headers)) == "/memories/?q=x"
    assert page_of(RequestFactory().post("/lock/")) == "/"


def test_an_address_asks_for_nothing_that_cannot_be() -> None:
    odd = QueryDict("q=+a+&kind=nonsense&collection=nope&state=what&source=x")
    wanted = Wanted.of(odd)
    assert (wanted.q, wanted.kind, wanted.collection, wanted.forgotten) == ("a", "", None, False)
    assert wanted.address() == "/memories/?q=a&source=x"
    assert Wanted().address() == "/memories/"


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "429", "500", "tampered"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    page = engines["django"].get_template(f"{name}.html").render({})
    assert "<h1>" in page and "<script" not in page and "{%" not in page


@given(st.text(max_size=60), st.integers(min_value=1, max_value=20))
def test_a_beginning_is_short_and_says_when_there_is_more(text: str, length: int) -> None:
    found, whole = beginning(text, length), shown(text)
    assert len(found) <= length
    assert found == whole or found.endswith("…")
    if len(text) <= length >= len(whole):
        assert found == whole


def test_a_mark_is_drawn_in_the_language_of_who_reads() -> None:
    english = mark("you")
    with override("de"):
        german = mark("you")
    assert "You" in english
    assert german != english
    assert mark("<nobody>") == mark("other")


def test_the_address_of_a_memory_is_the_one_that_answers() -> None:
    memory = SimpleNamespace(id=uuid4())
    assert address(memory) == reverse("memory", args=[memory.id])  # type: ignore[arg-type]
    set_script_prefix("/below/")
    try:
        assert address(memory) == reverse("memory", args=[memory.id])  # type: ignore[arg-type]
    finally:
        set_script_prefix("/")
