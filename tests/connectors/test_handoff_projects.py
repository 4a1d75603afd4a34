"""Files for projects: one for each collection, with names and texts that are safe everywhere."""

import re

import pytest

from connectors.base.registry import handoffs
from tests.connectors.slices import cut, files, held, many

TARGETS = {"openai-project": 5, "anthropic-project": 20, "google-gem": 10, "perplexity": 5}
each = pytest.mark.parametrize("slug", TARGETS)


def names(slug: str, *collections: str) -> list[str]:
    given = [
        held(f"{n:032x}", f"fact {n}", collection=collection)
        for n, collection in enumerate(collections)
    ]
    return [part.name for part in cut(handoffs()[slug], given).parts]


@each
def test_a_file_for_each_collection(slug: str) -> None:
    assert names(slug, "Work", "", "Home", "Work") == ["Work.md", "Memories.md", "Home.md"]


@each
def test_names_are_safe_and_differ(slug: str) -> None:
    found = names(slug, "../../etc/passwd", "a/b", "A\\B", "con", "\x00\n")
    assert found == ["etc passwd.md", "a b.md", "A B 2.md", "con memories.md", "Memories.md"]


@each
def test_with_more_collections_than_files_the_last_one_has_the_others(slug: str) -> None:
    found = names(slug, *(f"c{n}" for n in range(30)))
    most = TARGETS[slug]
    assert found == [*(f"c{n}.md" for n in range(most - 1)), "Other collections.md"]


@each
def test_a_long_collection_leaves_each_other_its_file(slug: str) -> None:
    long = [held(f"{n:032x}", f"fact {n} " + "word " * 900, collection="L") for n in range(1_100)]
    made = cut(handoffs()[slug], [*long, held("f" * 32, "last", collection="Z")])
    own = [part.name for part in made.parts if part.name != "Instructions.txt"]
    assert len(own) == TARGETS[slug] and own[0] == "L.md" and own[1] == "L 2.md"
    assert own[-1] == "Z.md" and made.kept[-1] == "f" * 32


@each
def test_documents_keep_their_lines_and_begin_nothing(slug: str) -> None:
    text = "# Title\n\n```sh\nrm\n```\n<!-- x -->\n- item\n"
    note = held("a" * 32, text, "document", title="# plan.md", collection="Work")
    made = cut(handoffs()[slug], [note, held("b" * 32, "after it", collection="Work")])
    (content,) = files(made).values()
    assert "- \\# plan.md, 2026-11-12:\n\n  > # Title\n  >\n  > '''sh\n  > rm\n" in content
    assert re.findall(r"^#+ .*$", content, re.M) == ["# Work", "## Facts", "## Documents"]
    assert "<!--" not in content


def test_a_space_has_a_short_text_beside_its_files() -> None:
    made = cut(handoffs()["perplexity"], many(300))
    assert made.parts[0].name == "Instructions.txt"
    assert len(made.parts[0].text) <= 1_500 and "How I want" not in made.parts[0].text
    assert len(made.kept) + sum(made.left_out.values()) == 300


@each
def test_long_names_of_rare_signs_fit_a_file_system(slug: str) -> None:
    found = names(slug, *("\U00020000" * 79 + end for end in "ab"))
    assert len(set(found)) == 2
    assert all(len(name.encode()) <= 255 for name in found)
