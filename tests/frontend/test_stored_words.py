"""What workers wrote down in English with values in it is told in the reader's language."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from unittest.mock import patch

import httpx
import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import registry, shape
from connectors.base.errors import ConnectorError
from connectors.base.live.options import filled, secret
from connectors.base.reading.foreign import refuse_foreign
from connectors.mem0.remote import Mem0
from frontend.templatetags.ui import said
from frontend.words import runwords, stored
from frontend.words.ofconnectors import forms
from frontend.words.sentenceforms import Form
from tools import catalogs
from tools.extracted import ROOT, Words, of_file
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


NAMES = {"a": "Rot", "b": "Blau", "c": "Grün"}


def example(form: str) -> str:
    return form % NAMES


@pytest.mark.parametrize("form", forms.WORDS)
def test_every_form_of_connectors_is_known_again_and_said_in_german(form: str) -> None:
    written = example(form)
    assert stored.told(written) == written, "an English reader reads what was written"
    with translation.override("de"):
        told = stored.told(written)
        assert told == example(translation.gettext(form)) != written
    assert all(NAMES[name] in told for name in Form(form).names)
    english = [part.strip(' .:“”"') for part in Form(form).fixed]
    assert [part for part in english if len(part) > 3 and part in told] == []


@pytest.mark.parametrize("language", catalogs.PLURALS)
def test_every_form_is_said_in_every_language(language: str) -> None:
    with translation.override(translation.to_language(language)):
        assert [form for form in forms.WORDS if stored.told(example(form)) == example(form)] == []


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key")


def missing() -> None:
    filled(Options, {})


def foreign() -> None:
    refuse_foreign("Ferien.png", b"\x89PNG....")


def no_export() -> None:
    refuse_foreign("a is b.bin", b"ab\x00")


def no_object() -> None:
    shape.an_object(3, "entry")


def no_object_inside() -> None:
    shape.an_object_in({"author": 3}, "author")


def refused() -> None:
    raise Mem0(None, httpx.Client()).error(httpx.Response(403))


def several() -> None:
    every = registry.archives().values()
    two = [next(one for one in every if one.vendor == name) for name in ("kagi", "zep")]
    with patch.object(registry, "_knowing", lambda files, turn: two):
        registry.recognise({})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (missing, "API-Schlüssel fehlt."),
        (foreign, "Ferien.png ist ein Bild. Lade die Zip-Datei hoch, die dir der Anbieter"),
        (no_export, "a is b.bin ist keine Datei, die ein Assistent exportiert. Lade die"),
        (no_object, "Der Eintrag hat keine bekannte Form."),
        (no_object_inside, "Der Teil „author“ hat keine bekannte Form."),
        (refused, "Mem0 hat mit 403 Forbidden geantwortet."),
        (several, "Diese Dateien sind mehreres: "),
    ],
)
def test_what_connectors_really_say(fails: Callable[[], None], told: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        fails()
    with translation.override("de"):
        assert stored.told(str(caught.value)).startswith(told)


@pytest.mark.parametrize(
    ("written", "german"),
    [
        ("The sign-in service of A cannot be reached.", "Der Anmeldedienst von A ist nicht"),
        ("Cognee changed while it was listed. It is listed anew later.", "Cognee hat sich währe"),
        (
            "12,000 more files are here. Only conversations, memories and rules of agents were"
            " read.",
            "Hier liegen 12.000 weitere Dateien. Nur ",
        ),
        ("PAM file, Zep facts is missing.", "PAM-Datei, "),
        (
            "api.example.org did not answer. Try again later. Trying again every minute.",
            "api.example.org hat nicht geantwortet. ",
        ),
        (
            "api.example.org refused the request (status 400). Check the name of the model.",
            "api.example.org hat die Anfrage abgelehnt (Status 400). ",
        ),
    ],
)
def test_the_form_with_more_fixed_words_wins(written: str, german: str) -> None:
    with translation.override("de"):
        told = stored.told(written)
    assert told.startswith(german)
    assert not re.search(r"\b(listed|again|Check|facts|every)\b", told)


@pytest.mark.parametrize(
    "written",
    [
        "Your plan is over. Something is missing.",  # a vendor's own, which ends like one of ours
        "Your plan is over.\nSomething is missing.",
        "It cannot be reached. Ask your administrator.",  # half of it would be in German
        " is missing.",
        f"{'x' * 201} is missing.",
        f"{'x' * 10_000} is missing.",
        "is missing. " * 900,
        " cannot be reached." * 600,
        "x. " * 4000 + "is missing.",
        "%(a)s " * 2000,
        "There are more than  files: choose a smaller folder.",
        "Nobody knows this sentence about Ana.",
    ],
)
def test_what_is_not_ours_stays_as_it_is(written: str) -> None:
    with translation.override("de"):
        assert stored.told(written) == written


@pytest.mark.parametrize("piece", [". ", " is missing.", " is ", "x"])
def test_a_hostile_answer_is_not_looked_at_for_long(piece: str) -> None:
    asked: list[str] = []

    def counted(form: Form, sentence: str) -> None:
        asked.append(sentence)

    with patch.object(Form, "values", counted):
        stored.told((piece * 1000)[:1000])
        most = len(stored._forms()) * (1 + stored._CUTS)
        assert len(asked) <= most
        asked.clear()
        stored.told(piece * 10_000)
    assert asked == []


@given(st.sampled_from(forms.WORDS), st.lists(st.text(min_size=1), min_size=2, max_size=2))
def test_values_may_hold_anything(form: str, given: list[str]) -> None:
    values = dict(zip("ab", given, strict=True))
    with translation.override("de"):
        assert type(stored.told(form % values)) is str


@given(st.data())
def test_the_fixed_words_may_stand_in_a_value(data: st.DataObject) -> None:
    form = Form(data.draw(st.sampled_from(forms.WORDS)))
    value = data.draw(st.sampled_from(form.fixed)).strip(" .") or "x"
    found = form.values(form.words % dict.fromkeys("ab", value))
    assert found is None or form.words % found == form.words % dict.fromkeys("ab", value)


def test_values_are_escaped_like_any_words() -> None:
    written = "<b>\u202e.zip is empty. Download the export again and upload the new copy."
    template = Template("{% load ui %}{{ words|said|shown }}")
    with translation.override("de"):
        page = template.render(Context({"words": written}))
    assert page.startswith("&lt;b&gt;.zip ist leer. ")


def test_forms_of_workers_are_still_what_workers_say() -> None:
    marked = {one.singular for name in ("vault", "sync") for one in _marked(name)}
    by_sorting = ("it sounds like", "the word", "close in meaning")
    ours = [one for one in stored._FORMS if "%(" in one and one not in forms.WORDS]
    assert [one for one in ours if one not in marked and not one.startswith(by_sorting)] == []


def _marked(package: str) -> list[Words]:
    return [words for path in (ROOT / package).rglob("*.py") for words in of_file(path)]
