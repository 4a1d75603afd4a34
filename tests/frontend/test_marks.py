"""Every word that people read can be translated, and catalogs are what the sources ask for."""

import gettext
import re
from pathlib import Path

import polib
import pytest

from tests.frontend.unwrapped import outside, unwrapped
from tools import catalogs, connectorwords, pseudo
from tools.extracted import Words, extracted
from tools.templatewords import read, templates, unmarked

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "frontend" / "templates"


@pytest.mark.parametrize("folder", [*sorted(p.name for p in FOLDER.iterdir() if p.is_dir()), ""])
def test_no_template_has_words_outside_translate_tags(folder: str) -> None:
    files = templates(FOLDER / folder) if folder else [p for p in FOLDER.iterdir() if p.is_file()]
    assert files
    found = {str(path.relative_to(FOLDER)): unmarked(path) for path in files}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "source",
    [
        "<p>Bees</p>",
        '<p title="Bees">{{ name }}</p>',
        '<c-head title="Bees" />',
        "<button data-done='Copied it'>{% translate 'Copy' %}</button>",
        '{% nav_item "home" "house" "Home" %}',
        '{% include "parts/passkey.html" with words="Sign in" %}',
        '{{ count|pluralize:"memory,memories" }}',
        "{{ reason|default:'You may not.' }}",
        '{{ day|date:"j F Y" }}',
        '{% if one %}<b translate="no">Ana</b>{% endif %} wrote',
        '<p aria-label="{% if one %}On{% endif %}"></p>',
        '<input type="submit" value="Send" />',
        "{% blocktranslate %}Two\nlines{% endblocktranslate %}",
    ],
)
def test_the_check_of_templates_finds(source: str) -> None:
    assert read(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "<p>{% translate 'Bees' %}: {{ count|number }} · {{ name|shown }}</p>",
        "{% blocktranslate trimmed with a=b|item:'c' %}Of <b>{{ a }}</b>{% endblocktranslate %}",
        '<b translate="no">ChatGPT <i>by OpenAI</i></b>',
        '<p class="soft small" id="bees" data-key="e" hx-get="/x y">{# Bees #}</p>',
        "{% comment %}Bees{% endcomment %}<script>say('Bees')</script>",
        '{% nav_item "home" "house" _("Home") key="h" %}{% icon "lock" %}',
        '{% block width %}page-narrow{% endblock width %}{{ day|date:"DATE_FORMAT" }}',
        "<i data-passkey=\"{{ act|default:'ask' }}\"{% if one %} hidden{% endif %}></i>",
        "{% if kind == 'A word' %}<kbd>j</kbd>{% endif %}",
    ],
)
def test_the_check_of_templates_lets_pass(source: str) -> None:
    assert read(source) == []


def test_what_connectors_say_is_written_down_for_translators() -> None:
    written = {path.name: path.read_text("utf-8") for path in connectorwords.FOLDER.glob("*.py")}
    written.pop("__init__.py")
    assert written == connectorwords.files(), "run `python tools/messages.py make`"


def test_no_singular_has_two_plurals() -> None:
    assert catalogs.clashes() == []


def test_words_are_read_from_modules_and_templates() -> None:
    every = extracted()
    assert Words("", "%(count)s day ago", "%(count)s days ago") in every
    assert Words("password", "Show", "") in every
    assert Words("", "Your vault is locked", "") in every


@pytest.mark.parametrize("language", catalogs.PLURALS)
def test_every_catalog_is_complete_and_sound_and_compiled(language: str) -> None:
    assert catalogs.problems(language) == []


def test_a_catalog_is_the_same_bytes_wherever_it_is_made(tmp_path: Path) -> None:
    path = catalogs.catalog_of("de")
    again = tmp_path / "django.po"
    again.write_bytes(path.read_bytes())
    catalogs.tidy(again, "de")
    assert again.read_bytes() == path.read_bytes()
    assert again.with_suffix(".mo").read_bytes() == path.with_suffix(".mo").read_bytes()
    text = path.read_text("utf-8")
    assert not re.search(r"Date:|Translator|^#: (/|.*:\d+$)|@", text.split("\n\n")[0])
    assert not re.search(r"^#: .*:\d+", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("msgid", "msgstr", "right"),
    [
        ("Made %(name)s.", "%(name)s gemacht.", True),
        ("Made %(name)s.", "Gemacht.", False),
        ("Made %(name)s.", "%(nom)s gemacht.", False),
        ('See <a href="%(url)s">it</a>.', '<a href="%(url)s">Ansehen</a>.', True),
        ("See <b>it</b>.", "Ansehen.", False),
        ("100 %% of {x}", "100 %% von {x}", True),
    ],
)
def test_a_translation_has_the_values_and_tags_of_its_original(
    msgid: str, msgstr: str, right: bool
) -> None:
    assert (catalogs.parts(msgid) == catalogs.parts(msgstr)) is right


def test_the_pseudo_language_keeps_values_and_tags(tmp_path: Path) -> None:
    pseudo.write(tmp_path)
    said = gettext.translation("django", tmp_path, ["xx"])
    for entry in polib.pofile(str(catalogs.catalog_of("de"))):
        if not entry.msgid_plural and not entry.msgctxt and entry.msgid.strip():
            text = said.gettext(entry.msgid)
            assert catalogs.parts(text) == catalogs.parts(entry.msgid)
            assert text.strip().startswith("⟦"), entry.msgid
            assert text.strip().endswith("⟧"), entry.msgid
    assert said.ngettext("%(count)s day ago", "%(count)s days ago", 2) == "⟦%(count)s dayss agoo⟧"
    mirrored = gettext.translation("django", tmp_path, ["xr"])
    assert re.fullmatch(r"⟦[א-ת]+⟧", mirrored.gettext("Settings"))


def test_the_reader_of_pages_tells_what_is_not_wrapped() -> None:
    page = (
        '<title>⟦Bees⟧ · Satchel</title><p>⟦Of <b>Ana</b> here⟧</p><p dir="auto">Mine</p>'
        '<p>Plain <i translate="no">Ana</i></p><a title="Go" data-x="a-b">⟦x⟧</a><p>12:04 UTC</p>'
    )
    assert unwrapped(page) == ["Plain", 'title="Go"']
    assert unwrapped(page, names=("Plain",)) == ['title="Go"']
    assert outside("a ⟦b ⟦c⟧ d⟧ e").split() == ["a", "e"]
