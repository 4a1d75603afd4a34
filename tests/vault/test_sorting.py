"""Sorting: what is sensitive, what belongs where, measured on the labelled set; and its edges."""

import runpy
import time
from collections import Counter
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import labelled
from vault.embedding.embedders import embedder_of
from vault.search.choice import Choice
from vault.sorting import checksums, head
from vault.sorting.credentials import masked
from vault.sorting.homes import Home, home_for, role_of
from vault.sorting.lexicon import Lexicon, words_of
from vault.sorting.matters import MATTERS
from vault.sorting.rules import Condition, Rule, Subject, fits
from vault.sorting.sensitive import hard_signs
from vault.sorting.sorter import Sorter, Verdict
from vault.sorting.words import hits

WORK, TRAVEL, HEALTH = (
    home.id for home in labelled.HOMES if home.name in ("Work", "Travel", "Health")
)


@pytest.fixture(scope="module")
def held_out() -> labelled.Measured:
    measured = labelled.measure(labelled.half(held_out=True))
    print(labelled.report("held out", measured))
    return measured


@pytest.fixture(scope="module")
def fresh() -> labelled.Measured:
    measured = labelled.measure(labelled.examples("sorting-fourth.jsonl"))
    print(labelled.report("fresh", measured))
    return measured


def found(text: str, **more: bool) -> set[str]:
    return {sign.matter for sign in hard_signs(text, **more)}


# Measured


@pytest.mark.parametrize("kind", ["credentials", "identity"])
def test_patterns_find_secrets_and_numbers(held_out: labelled.Measured, kind: str) -> None:
    assert held_out.kinds[kind].recall >= 0.9
    assert held_out.kinds[kind].precision >= 0.95


@pytest.mark.parametrize("kind", ["health", "money", "beliefs", "sexuality"])
def test_words_and_meaning_find_the_other_matters(held_out: labelled.Measured, kind: str) -> None:
    assert held_out.kinds[kind].recall >= 0.9
    assert held_out.kinds[kind].precision >= 0.7


def test_sensitive_or_not_and_the_collection(held_out: labelled.Measured) -> None:
    assert held_out.kinds["any"].recall >= 0.95
    assert held_out.kinds["any"].precision >= 0.83
    assert held_out.accuracy() >= 0.86
    assert held_out.accuracy(*labelled.ORDINARY) >= 0.78


def test_on_sentences_written_when_all_was_fixed(fresh: labelled.Measured) -> None:
    """The honest figure: nobody had seen these when words, sentences and weights were chosen."""
    assert fresh.kinds["any"].recall >= 0.7
    assert fresh.kinds["any"].precision >= 0.85
    assert fresh.accuracy() >= 0.7


def test_the_labelled_set_is_what_its_readme_says() -> None:
    names = ("sorting", "sorting-second", "sorting-third", "sorting-fourth")
    sets = [labelled.examples(f"{name}.jsonl") for name in names]
    texts = [one.text for each in sets for one in each]
    assert len(sets[0]) >= 400
    assert len(texts) == len(set(texts))
    kinds = Counter(kind for one in sets[0] for kind in one.kinds)
    assert set(kinds) == set(MATTERS)
    assert min(kinds.values()) >= 35
    foreign = sum(one.lang != "en" for one in sets[0])
    assert foreign >= len(sets[0]) / 5
    assert all(len(labelled.half(held_out=out)) > 40 for out in (True, False))


# Numbers


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (checksums.iban, "DE89370400440532013000"),
        (checksums.luhn, "4111111111111111"),
        (checksums.ean, "7561234567897"),
        (checksums.verhoeff, "234123412346"),
        (checksums.steuer_id, "86095742719"),
        (checksums.cpf, "52998224725"),
        (checksums.bsn, "111222333"),
        (checksums.nhs, "9434765919"),
        (checksums.nir, "255081416802538"),
        (checksums.dni, "12345678Z"),
        (checksums.dni, "X1234567L"),
        (checksums.codice_fiscale, "RSSMRA85T10A562S"),
        (checksums.pesel, "44051401359"),
    ],
)
def test_numbers_that_authorities_print_as_examples_pass_and_altered_ones_do_not(
    check: object, number: str
) -> None:
    assert callable(check)
    assert check(number)
    last = next(n for n in range(len(number) - 1, -1, -1) if number[n].isdigit())
    for digit in "0123456789":
        altered = number[:last] + digit + number[last + 1 :]
        assert check(altered) == (digit == number[last]), altered


@pytest.mark.parametrize("letter", list("\u0130\u0131\u017f\u212a\u0663\u00b2\uff11"))
@pytest.mark.parametrize("number", ["DE89370400440532013000", "RSSMRA85T10A562S", "X1234567L"])
def test_letters_that_only_look_like_those_of_a_number_break_nothing(
    number: str, letter: str
) -> None:
    """An export may say anything; a sorter that fell over it would stop the whole import."""
    for place in range(len(number)):
        hard_signs(f"It is {number[:place]}{letter}{number[place + 1 :]}")


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, off: int) -> None:
    whole = next(body + d for d in "0123456789" if checksums.luhn(body + d))
    wrong = str((int(whole[place]) + off) % 10)
    assert not checksums.luhn(whole[:place] + wrong + whole[place + 1 :])
    other = next(body + d for d in "0123456789" if checksums.verhoeff(body + d))
    wrong = str((int(other[place]) + off) % 10)
    assert not checksums.verhoeff(other[:place] + wrong + other[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "Call me at +49 30 1234567 or 555-0143.",
        "Order 4111-2231-0099 from 2024-03-01, 17:45.",
        "ISBN 978-3-16-148410-0, page 756.",
        "Version 10.0.19041.4170, build 22621.",
        "550e8400-e29b-41d4-a716-446655440000",
        "9f1c2e7b6a5d4c3b2a190817f6e5d4c3b2a19081",
        "The card test number 4111 1111 1111 1111 and the IBAN DE89 3704 0044 0532 0130 00.",
        "192.168.178.21:8080",
        "1234567890123456789012345678901234567890",
        "3.14159265358979",
        "Invoice 123456789 over 1.234.567,89",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_ordinary_numbers_are_left_alone(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['DB']",
        "password: string;",
        "PASSWORD=${DB_PASSWORD}",
        "Set password to <your-password> here.",
        "The password is wrong.",
        "Das Passwort ist falsch.",
        "mot de passe oublié",
        "token = get_token()",
        "My pin board is from 1998.",
    ],
)
def test_talk_about_passwords_is_not_a_password(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("My wifi password is correct-horse, and yours?", "horse"),
        ("The passphrase is: plum7 horse battery staple", "staple"),
        ("Mein Passwort lautet Gartenzwerg", "Gartenzwerg"),
        ("The door code is 4711", "4711"),
        ("postgres://ana:plum-7-tree@db.example/app", "tree"),
        ("Use sk-abcdefghijklmnopqrstuvwxyz for it", "ghijk"),
        ("-----BEGIN PRIVATE KEY-----\nAbCdEf\nGhIjKl", "GhIjKl"),
        ("seed phrase: apple river stone cloud maple tiger ocean piano lemon", "lemon"),
        ("Security question: first pet. Answer is Waldo", "Waldo"),
    ],
)
def test_a_secret_is_not_shown_again(text: str, secret: str) -> None:
    assert "credentials" in found(text)
    assert secret not in masked(text)
    assert masked(text)[:4] == text[:4] or masked(text).startswith("•••")


def test_a_model_makes_passwords_up_but_not_keys() -> None:
    made_up = 'Use something like: password = "Tr0ub4dor&3".'
    assert found(made_up) == {"credentials"}
    assert found(made_up, spoken=False) == set()
    key = "ghp" + "_9sKdLq27xVbTmPz4RwYcHnJ8fGe1aUo3Bt6X"
    assert found(f"I see {key} in your log", spoken=False) == {"credentials"}
    assert found(f"AKIAIOSFODNN7EXAMPLE and {key}") == {"credentials"}


@pytest.mark.parametrize(
    "part",
    [
        *("1", "1 ", "4-", "DE04", "DE04 ", "password ", "password is ", 'password="a ', "pin "),
        *(
            "code door ",
            "passport ",
            "seed phrase ",
            "a://b:",
            "TOKEN_",
            "eyJaaaaaaaaaaa.",
            "SG.a.",
        ),
        *("recovery code ", "bearer ", "ab-", "security answer ", "mysql", "mariadb -p "),
    ],
)
def test_a_hostile_text_costs_no_more_than_its_length(part: str) -> None:
    def cost(length: int) -> float:
        text = (part * (length // len(part) + 1))[:length]
        began = time.process_time()
        hard_signs(text)
        return time.process_time() - began

    assert cost(64_000) < 20 * max(min(cost(8_000), cost(8_000)), 0.001)


# Words


@given(st.sampled_from(["diagnosed", "Müsli", "l'argent", "naïve café"]))
def test_case_accents_and_marks_do_not_count(text: str) -> None:
    assert words_of(f"«{text.upper()}»!") == words_of(text)


def test_phrases_stars_and_gaps() -> None:
    lexicon = Lexicon({"a": ["tax", "tax office", "invoice*", "earn * an hour"], "b": ["office"]})
    words = words_of("The tax office sent INVOICES; I earn nine an hour. Taxing!")
    assert lexicon.phrases(words) == {
        "a": ["tax office", "invoices", "earn nine an hour"],
        "b": ["office"],
    }


def test_what_only_sounds_sensitive_does_not_count() -> None:
    assert "health" not in hits(words_of("The health check fails"))
    assert "money" not in hits(words_of("On the bank holiday"))
    assert hits(words_of("My diabetes, diagnosed"))["health"].strong == ("diabetes", "diagnosed")


# Rules


@pytest.mark.parametrize(
    ("condition", "does"),
    [
        (Condition(text="invoice*"), True),
        (Condition(text="invoice"), False),
        (Condition(text="nothing, acme corp"), True),
        (Condition(text="acme", title="plan"), True),
        (Condition(text="acme", title="trip"), False),
        (Condition(vendor="openai", kind="episode"), True),
        (Condition(vendor="anthropic"), False),
        (Condition(speaker="user"), True),
        (Condition(speaker="assistant"), False),
        (Condition(speaker="ANN  lee"), True),
    ],
)
def test_every_part_of_a_condition_must_hold(condition: Condition, does: bool) -> None:
    subject = Subject(
        "The Invoices of ACME-Corp!", "A Plán", "episode", "user", "Ann Lee", "openai"
    )
    assert fits(condition, subject) == does


@pytest.mark.parametrize(
    "condition",
    [
        Condition(),
        Condition(text=" , ,"),
        Condition(text="!!!"),
        Condition(text="x" * 301),
        Condition(text="a", kind="nonsense"),
    ],
)
def test_a_condition_that_says_nothing_or_nonsense_is_named(condition: Condition) -> None:
    assert all(condition.problem())


@given(st.builds(Condition, text=st.text(max_size=40), speaker=st.text(max_size=20)))
def test_a_condition_survives_being_kept(condition: Condition) -> None:
    assert Condition.from_bytes(condition.to_bytes()) == condition


# Deciding


def test_the_same_question_gets_the_same_answer() -> None:
    subjects = [one.subject for one in labelled.examples()[:60]]
    first = [labelled.sorter().one(subject) for subject in subjects]
    again = Sorter(labelled.HOMES, (), labelled.sorter()._meaning)
    assert [again.one(subject) for subject in reversed(subjects)] == first[::-1]


def talk(*turns: str, title: str = "") -> list[Verdict]:
    roles = ("user", "assistant")
    subjects = [Subject(t, title, "episode", roles[n % 2]) for n, t in enumerate(turns)]
    return list(labelled.sorter().talk(subjects))


def test_a_conversation_goes_where_its_title_and_first_words_say() -> None:
    verdicts = talk("Which sights?", "Many.", "And food?", "Plenty.", title="Four days in Kyoto")
    assert {verdict.place for verdict in verdicts} == {TRAVEL}


def test_a_turn_with_a_secret_leaves_it_and_takes_its_answer_along() -> None:
    verdicts = talk(
        *("Which sights in Kyoto?", "Many temples."),
        *("The hotel wifi password is plumtree88", "Noted."),
        *("And by train?", "Two hours."),
        title="Four days in Kyoto",
    )
    assert [verdict.matter for verdict in verdicts] == [None] * 2 + ["credentials"] * 2 + [None] * 2
    assert verdicts[4].place == TRAVEL


def test_a_turn_about_an_illness_leaves_a_conversation_about_something_else() -> None:
    verdicts = talk(
        *("Fix this SQL query", "Done.", "Now the index", "Done.", "And the tests", "Done."),
        *("I was diagnosed with cancer and take chemotherapy tablets", "I am sorry."),
        title="Database",
    )
    assert [verdict.matter for verdict in verdicts] == [None] * 6 + ["health"] * 2
    assert verdicts[0].place == WORK


def test_in_a_sensitive_conversation_every_turn_is_taken_for_sensitive() -> None:
    verdicts = talk("I have depression", "I see.", "What else?", "Walks.", title="Feeling low")
    assert {verdict.matter for verdict in verdicts} == {"health"}


def test_an_empty_conversation_has_no_verdicts() -> None:
    assert talk() == []


def rule(place: UUID, **condition: object) -> Rule:
    return Rule(uuid4(), place, Condition(**condition))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "place", "matter"),
    [
        ([rule(TRAVEL, text="insulin"), rule(WORK, text="insulin")], None, "health"),
        ([rule(TRAVEL, text="insulin", sensitive_too=True)], TRAVEL, None),
        ([rule(HEALTH, text="insulin")], HEALTH, None),
        ([rule(WORK, text="nothing"), rule(HEALTH, text="insulin")], HEALTH, None),
        ([rule(uuid4(), text="insulin")], None, "health"),
    ],
    ids=["not in the open", "meant so", "private anyway", "the first that fits", "gone"],
)
def test_rules_come_first_but_do_not_open_what_is_sensitive(
    rules: list[Rule], place: UUID | None, matter: str | None
) -> None:
    sorter = Sorter(labelled.HOMES, rules, labelled.sorter()._meaning)
    verdict = sorter.one(Subject("I inject insulin every morning", role="user"))
    assert (verdict.place, verdict.matter) == (place, matter)
    assert verdict.matters == ("health",)


def test_instructions_stay_where_the_owner_wants_them() -> None:
    instruction = Subject("When I write to a client, be formal", kind="instruction", role="user")
    assert labelled.sorter().one(instruction).place is None


def test_without_a_model_words_decide() -> None:
    sorter = Sorter(labelled.HOMES)
    assert sorter.one(Subject("I was diagnosed with diabetes")).matter == "health"
    assert sorter.one(Subject("Book a flight and a hotel")).place == TRAVEL
    assert sorter.one(Subject("Qwrtz")) == Verdict()


def test_a_collection_is_known_by_its_name_in_several_languages() -> None:
    names = {"Gesundheit": "health", "Mes finances": "money", "Trabajo": "work", "Kyoto": ""}
    assert {name: role_of(name) for name in names} == names


def test_a_matter_has_its_home_in_a_private_collection_only() -> None:
    open_one, general, own = (
        Home(uuid4(), "Health", False),
        Home(uuid4(), "Privat", True),
        Home(uuid4(), "Santé", True),
    )
    assert home_for("health", [open_one]) is None
    assert home_for("health", [open_one, general]) == general.id
    assert home_for("health", [open_one, general, own]) == own.id
    assert home_for("identity", [open_one, own]) is None


def test_a_collection_of_the_owners_own_is_told_by_its_name_and_by_what_is_in_it() -> None:
    kitchen = Home(
        uuid4(),
        "Kitchen",
        False,
        (
            *("How long do I roast a chicken?", "My soup needs more salt.", "Sauce for roast beef"),
            *("A cake with plums and almonds.", "Which flour for pizza dough?"),
        ),
    )
    boat = Home(uuid4(), "Boat", False)
    sorter = Sorter([*labelled.HOMES, kitchen, boat], (), labelled.sorter()._meaning)
    assert sorter.one(Subject("How long do I cook a leg of lamb?")).place == kitchen.id
    assert sorter.one(Subject("The boat needs a new coat of paint")).place == boat.id
    assert sorter.one(Subject("Fix this Python function")).place == WORK


def test_of_two_collections_of_one_sort_the_first_takes_it() -> None:
    office, jobs = Home(uuid4(), "Office", False), Home(uuid4(), "Jobs", False)
    sorter = Sorter([office, jobs], (), labelled.sorter()._meaning)
    assert sorter.one(Subject("Fix the bug in this Python function")).place == office.id


def test_what_was_learnt_fits_the_model_that_is_used() -> None:
    model = embedder_of(Choice("minilm"))
    assert model.model == head.MODEL
    weights = np.load(head.FILE)
    vector = np.zeros(model.dim, np.float32)
    assert weights.shape == (len(head.LABELS), len(head.features({}, vector)))


@pytest.mark.full
def test_the_weights_are_those_that_the_tool_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "head.npy"
    monkeypatch.setattr(head, "FILE", made)
    kept = np.load(Path(head.__file__).with_name("head.npy"))
    runpy.run_path("tools/sorting.py", run_name="__main__")
    assert np.abs(np.load(made) - kept).max() < 0.01
