"""What workers wrote down in English with values in it is told in the reader's language."""

from unittest.mock import patch

import pytest

from frontend.templatetags.ui import said
from frontend.words import runwords, stored
from vault.outbound import model_api
from vault.outbound.fetch import Answer
from vault.sorting import sensitive

HOST = "api.example.org"


def wrapped(sentence: str) -> str:
    def many(one: str, more: str, count: int) -> str:
        return f"⟦{one if count == 1 else more}⟧"

    with (
        patch.object(stored, "gettext", lambda words: f"⟦{words}⟧" if words in KNOWN else words),
        patch.object(stored, "ngettext", many),
    ):
        return stored.told(sentence)


KNOWN = {*stored._FORMS, *sensitive._NAMES.values()}


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 405, 418, 429, 500, 503])
@pytest.mark.parametrize("tail", ["", "It is asked again by itself.", "Trying again every minute."])
def test_what_a_model_api_answered_is_known_again(status: int, tail: str) -> None:
    wrong = model_api.trouble(Answer(status, {}, b""), HOST, "chat")
    assert wrong is not None
    written = f"{wrong.words} {tail}".strip()
    assert stored.told(written) == written
    told = wrapped(written)
    assert told.count("⟦") == 1 + bool(tail) and HOST in told and not told.endswith(".")


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "1,204 entries are not confirmed gone. It is tried again.",
            "⟦1,204 entries are not confirmed gone. It is tried again.⟧",
        ),
        ("it sounds like Trips %(name)s", "⟦it sounds like Trips %(name)s⟧"),
        ("the word “insulin”: health", "⟦the word “insulin”: ⟦health⟧⟧"),
        ("close in meaning: money matters", "⟦close in meaning: ⟦money matters⟧⟧"),
        ("The vendor's own: %(host)s words.", "The vendor's own: %(host)s words."),
        ("", ""),
    ],
)
def test_each_form_with_its_values(sentence: str, told: str) -> None:
    assert stored.told(sentence) == sentence
    assert wrapped(sentence) == told


def test_pages_and_runs_ask_for_it() -> None:
    assert said("it sounds like Trips") == "it sounds like Trips"
    with patch.object(stored, "told", lambda words: f"⟦{words}⟧"):
        assert said("it sounds like Trips") == "⟦it sounds like Trips⟧"
        assert runwords.told("2 entries are so.", None, {}) == "⟦2 entries are so.⟧"
