"""Files that no reader knows: the owner is asked, and the answer, kept sealed, can be corrected."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.plain.fields import Fields
from connectors.plain.texts import PASTED
from sync.errors import NotNow
from sync.importing import asking, import_lines, imports, reading
from sync.importing.uploads import LONGEST_TEXT, sealed_text
from sync.models import Import as Row
from sync.models import ImportFile
from sync.types import Import
from sync.upkeep import sweeping
from tests.connectors.plain_files import CLAUDE_PROMPT
from tests.connectors.shapes import zipped
from tests.exports import upload
from tests.people import Person, new_person
from vault import memories
from vault.archive.errors import Damaged
from vault.errors import Invalid
from vault.models import JobSlot
from vault.scope import vault_scope

ROWS = [{"zork": f"Keeps hive {n} in the secret garden", "on": "2026-03-01"} for n in range(3)]


@pytest.fixture
def ana() -> Person:
    return new_person()


def begin(person: Person, content: Any, name: str = "bees.json") -> Import:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return imports.begin(person.access, [upload(raw, name)], start=reading.run)


def answer(person: Person, one: Import, *said: Fields | None) -> Import:
    asking.answer(person.access, one.id, said, start=reading.run)
    return imports.get(person.access, one.id)


def rows(person: Person) -> list[dict[str, Any]]:
    with vault_scope(person.vault_id):
        return list(Row.objects.filter(vault_id=person.vault_id).values())


def test_what_the_files_look_like_is_shown_and_the_answer_is_read(ana: Person) -> None:
    found = begin(ana, ROWS)
    assert found.state == "asking"
    (shape,) = found.shapes
    assert (shape.count, shape.more, shape.files, shape.where) == (3, False, 1, "bees.json")
    assert [(part.name, part.sample) for part in shape.parts] == [
        ("zork", "Keeps hive 0 in the secret garden"),
        ("on", "2026-03-01"),
    ]
    preview = answer(ana, found, Fields(text="zork", date="on"))
    assert (preview.state, preview.found["memories"]) == ("preview", 3)
    assert preview.vendor_name == "Your own files"
    done = imports.accept(ana.access, found.id, start=reading.run)
    assert (done.state, done.written, done.shapes) == ("done", 3, ())
    kept = memories.listing(ana.access).memories
    assert {one.text for one in kept} == {row["zork"] for row in ROWS}


def test_a_wrong_answer_is_corrected_from_the_preview(ana: Person) -> None:
    found = begin(ana, ROWS)
    wrong = answer(ana, found, Fields(text="on"))
    assert wrong.samples[0].text == "2026-03-01"
    asked = asking.differently(ana.access, found.id)
    assert asked.state == "asking"
    assert asked.shapes == wrong.shapes
    right = answer(ana, asked, Fields(text="zork"))
    assert right.samples[0].text == ROWS[0]["zork"]
    assert right.found["memories"] == 3


def test_what_was_guessed_can_be_read_differently(ana: Person) -> None:
    found = begin(ana, [{"text": "a title", "body": "Keeps bees"}])
    assert (found.state, found.samples[0].text) == ("preview", "a title")
    asked = asking.differently(ana.access, found.id)
    assert asked.shapes[0].guess == Fields(text="text")
    again = answer(ana, asked, Fields(text="body", title="text"))
    assert again.samples[0].text == "Keeps bees"


def test_who_said_it_makes_conversations(ana: Person) -> None:
    lines = [{"w": "me", "l": "hello"}, {"w": "Coach", "l": "hi"}, {"w": "me", "l": "bye"}]
    found = begin(ana, {"made": 1, "said": lines})
    preview = answer(ana, found, Fields(text="l", speaker="w"))
    assert (preview.found["conversations"], preview.found["turns"]) == (1, 3)


def test_shapes_that_are_left_out_are_not_read(ana: Person) -> None:
    found = begin(ana, {"bees": ROWS, "bills": [{"sum": 5, "to": "a bank"}]})
    assert [shape.place.under for shape in found.shapes] == ["bees", "bills"]
    preview = answer(ana, found, Fields(text="zork"), None)
    assert (preview.found["memories"], preview.found["unreadable"]) == (3, 0)


@pytest.mark.parametrize("said", [[], [None], [Fields(text="none of these")], [None, None]])
def test_an_answer_that_says_nothing_is_refused(ana: Person, said: list[Fields | None]) -> None:
    found = begin(ana, ROWS)
    with pytest.raises(Invalid):
        asking.answer(ana.access, found.id, said, start=reading.run)
    assert imports.get(ana.access, found.id).state == "asking"


def test_only_what_waits_for_it_is_answered_or_asked_again(ana: Person) -> None:
    found = begin(ana, ROWS)
    with pytest.raises(NotNow):
        asking.differently(ana.access, found.id)
    imports.cancel(ana.access, found.id)
    with pytest.raises(NotNow):
        answer(ana, found, Fields(text="zork"))
    from tests.exports import talks
    from tests.exports import zipped as chatgpt

    known = begin(ana, chatgpt(talks(1)), "export.zip")
    with pytest.raises(Invalid):
        asking.differently(ana.access, known.id)


def test_the_question_is_sealed_and_holds_no_keys(ana: Person) -> None:
    found = begin(ana, ROWS)
    (row,) = rows(ana)
    assert "zork" not in str(row) and "secret garden" not in str(row)
    with vault_scope(ana.vault_id):
        assert not JobSlot.objects.filter(vault_id=ana.vault_id).exists()
    imports.cancel(ana.access, found.id)
    assert imports.get(ana.access, found.id).shapes == ()
    with vault_scope(ana.vault_id):
        assert not ImportFile.objects.filter(vault_id=ana.vault_id).exists()


def test_a_question_that_nobody_answers_ends(ana: Person) -> None:
    found = begin(ana, ROWS)
    with vault_scope(ana.vault_id):
        mine = Row.objects.filter(vault_id=ana.vault_id)
        mine.update(started_at=timezone.now() - sweeping.PREVIEW_FOR - timedelta(hours=1))
    sweeping.sweep()
    assert imports.get(ana.access, found.id).state == "cancelled"


def test_the_next_files_of_that_shape_are_guessed_as_the_last(ana: Person) -> None:
    found = begin(ana, ROWS)
    answer(ana, found, Fields(text="zork", date="on"))
    imports.accept(ana.access, found.id, start=reading.run)
    more = [*ROWS, {"zork": "Keeps hive 9", "on": "2026-04-01"}]
    again = begin(ana, more)
    assert again.shapes[0].guess == Fields(text="zork", date="on")
    preview = answer(ana, again, Fields(text="zork", date="on"))
    assert preview.found["known"] == 3
    assert imports.accept(ana.access, again.id, start=reading.run).written == 1


def test_an_archive_takes_a_question_along_as_a_cancelled_import(ana: Person) -> None:
    from sync.importing import import_lines
    from sync.importing.import_lines import _details

    begin(ana, ROWS)
    with vault_scope(ana.vault_id):
        row = Row.objects.get(vault_id=ana.vault_id)
        line = import_lines._line(ana.access, row)
    assert line.state == "cancelled"
    assert _details(line.details)["shapes"]
    with pytest.raises(import_lines.Damaged):
        _details(json.dumps({"files": [], "shapes": [{"place": 5}]}))


def test_a_pasted_text_is_an_upload_like_any_other(ana: Person) -> None:
    sent = sealed_text(CLAUDE_PROMPT, PASTED)
    assert sent.sealed is not None
    assert b"hydrologist" not in sent.sealed.path.read_bytes()
    found = imports.begin(ana.access, [sent], start=reading.run)
    assert (found.state, found.found["memories"], found.found["instructions"]) == ("preview", 5, 2)
    assert imports.accept(ana.access, found.id, start=reading.run).written == 7
    grown = CLAUDE_PROMPT.replace("**Projects", "[2026-05-05] - Plays the cello\n**Projects")
    again = imports.begin(ana.access, [sealed_text(grown, PASTED)], start=reading.run)
    assert again.found["known"] == 7
    assert imports.accept(ana.access, again.id, start=reading.run).written == 1


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * (LONGEST_TEXT + 1)])
def test_nothing_and_too_much_are_refused_at_the_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        sealed_text(text, PASTED)
    assert refused.value.field == "text"


def test_a_zip_of_many_files_of_one_shape_is_asked_about_once(ana: Person) -> None:
    many = zipped({f"talks/{n}.json": {"zid": n, "zork": f"Said {n}"} for n in range(40)})
    found = begin(ana, many, "export.zip")
    (shape,) = found.shapes
    assert (shape.files, shape.count) == (40, 40)
    assert answer(ana, found, Fields(text="zork")).found["memories"] == 40


def test_details_with_numbers_that_are_none_are_damage() -> None:
    shape = '{"place": {"form": "list"}, "parts": [], "count": Infinity, "more": false}'
    with pytest.raises(Damaged):
        import_lines._details(f'{{"files": [], "shapes": [{shape}]}}')
