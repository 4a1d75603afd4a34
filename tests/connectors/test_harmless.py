"""Texts of memories cannot leave the place they are put in, and lose nothing else."""

import re
from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from connectors.base.handing.harmless import item, one_line, quoted, short, unmentioned, visible
from tests.connectors.shapes import calmly

ODD = st.text(alphabet='<!->|[]INST/`~"@#*123.) \n\u202e\ud83d\u200daé水👩🇪🇸\u0301', max_size=60)


def test_what_is_broken_and_what_is_left() -> None:
    told = {
        "a < b and b > c, 1<2": "a < b and b > c, 1<2",
        "<b>bold</b>": "< b>bold< /b>",
        "<!-- x -->": "< !-- x -- >",
        "<|im_end|>": "< |im_end| >",
        "```sh\nrm\n```": "'''sh rm '''",
        '"""x"""': "'''x'''",
        "[INST] [inst] [index]": "[ INST] [ inst] [index]",
        "![x](y)": "! [x](y)",
        "one\ntwo\u2028three\x0bfour\x85five": "one two three four five",
        "say \u202eback\u202c \u200bnow\x00": "say back now",
        "half \ud83d here": "half \ufffd here",
    }
    assert {text: one_line(text) for text in told} == told


def test_families_and_flags_stay() -> None:
    kept = "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇪🇸 e\u0301 क्षि"
    assert one_line(kept) == kept
    assert visible("🏴\U000e0041\U000e0042 \U000e0041hidden") == "🏴 hidden"


def test_no_list_heading_or_quote_begins_in_an_item() -> None:
    told = {
        "# no heading": r"\# no heading",
        "#hashtag": "#hashtag",
        "> quote": r"\> quote",
        "- item": r"\- item",
        "1. first": r"1\. first",
        "1.5 litres": "1.5 litres",
        "--- x": r"\--- x",
        "*loud* words": "*loud* words",
    }
    assert {text: item(text) for text in told} == told


def test_every_line_of_a_quote_is_one() -> None:
    assert quoted("# a\n\n```\n<!-- b") == "> # a\n>\n> '''\n> < !-- b"


def test_mentions_do_not_lead_to_files_and_addresses_stay() -> None:
    assert unmentioned("see @~/.ssh/id and (@x) ana@example.org @") == (
        "see @ ~/.ssh/id and (@ x) ana@example.org @"
    )


@calmly
@given(text=ODD, most=st.integers(2, 40))
def test_a_name_is_cut_between_signs(text: str, most: int) -> None:
    line, cut = one_line(text), short(text, most)
    assert len(cut) <= most
    assert line.startswith(cut.removesuffix("…").rstrip())
    if len(line) > most:
        rest = line[len(cut) - 1 :].lstrip()
        assert cut == "…" or not rest or category(rest[0])[0] != "M"


def test_a_name_is_not_cut_within_a_sign() -> None:
    assert short("ab 👩‍👩‍👧‍👦", 6) == "ab…"
    assert short("abc🇪🇸🇪🇸", 5) == "abc…"
    assert short("abe\u0301e\u0301", 4) == "ab…"
    assert short("one two three", 9) == "one two…"


@calmly
@given(text=ODD)
def test_nothing_gets_through(text: str) -> None:
    line = one_line(text)
    line.encode()
    assert "\n" not in line
    for mark in ("<!--", "-->", "<|", "|>", "```", "~~~", '"""', "\u202e"):
        assert mark not in line
    kept = re.sub(r"[\W_]+", "", line)
    assert kept == re.sub(r"[\W_]+", "", text)
