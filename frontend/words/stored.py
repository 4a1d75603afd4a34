"""Sentences that workers wrote down in English with values in them: known again by their form."""

import re
from functools import cache

from django.utils.translation import gettext, gettext_noop, ngettext

from frontend.words.numbers import number
from frontend.words.ofconnectors import archives, connections, reading
from frontend.words.ofconnectors import forms as ofconnectors
from frontend.words.sentenceforms import Form, by_fixed_words
from vault.outbound import model_api

_FORMS = (
    *ofconnectors.WORDS,
    *model_api.SENTENCES,
    gettext_noop("%(trouble)s Check the model's name."),
    gettext_noop("%(trouble)s Check the name of the model."),
    gettext_noop("%(trouble)s Check the name of the model and the number of dimensions."),
    gettext_noop("%(host)s does not take this text."),
    gettext_noop("%(host)s could not prove that it is %(host)s."),
    gettext_noop("%(host)s did not answer. Try again later."),
    gettext_noop("%(host)s did not answer a moment ago."),
    gettext_noop("%(host)s broke off, or does not speak HTTP."),
    gettext_noop("The embedding server answered with %(vectors)s vectors for %(texts)s texts."),
    gettext_noop(
        "The embedding server's vectors have %(count)s numbers; Satchel takes up to %(most)s. Ask"
        " for fewer dimensions, or choose another model."
    ),
    gettext_noop(
        "The embedding server now answers with %(count)s numbers a text instead of %(right)s. It"
        " may run another model than the one you chose."
    ),
    gettext_noop(
        "A collection should hold %(right)s memories and holds %(count)s: rows were deleted or put"
        " back in the database. Restore a backup of this vault."
    ),
    gettext_noop("Line %(number)s of the access log was altered, or the line before it was."),
    gettext_noop("Line %(number)s of the access log is missing."),
    gettext_noop("It needs more than is installed here: the optional extra “%(extra)s”."),
    gettext_noop("It is asked again by itself."),
    gettext_noop("It did not come back for a long time."),
    gettext_noop("Trying again every minute."),
    gettext_noop("it sounds like %(name)s"),
    gettext_noop("the word “%(word)s”: %(matter)s"),
    gettext_noop("close in meaning: %(matter)s"),
    gettext_noop("Vault archive"),  # so the log calls work that was done for its owner
    gettext_noop("New key"),
)
_NOT_GONE = re.compile(r"([0-9,]{1,20}) entries are not confirmed gone\. It is tried again\.")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3}){1,6}")
_LONGEST = 1000
"""Characters that a sentence with values has at most: longer ones are somebody's own."""
_CUTS = 6
"""At how many places a text is cut in two, from its end: sentences of ours stand there."""


def told(sentence: str) -> str:
    """In the reader's language; as it is where nothing knows it, such as a vendor's own words. Of
    several sentences all are ours, or none is."""
    known = _whole(sentence) if sentence else ""
    if known != sentence or len(sentence) > _LONGEST:
        return known
    for end in [found.end() for found in re.finditer(r"\. ", sentence)][: -_CUTS - 1 : -1]:
        head, rest = sentence[: end - 1], sentence[end:]
        if (said := _whole(head)) != head and (more := told(rest)) != rest:
            return f"{said} {more}"
    return sentence


def _whole(sentence: str) -> str:
    """The same where it is not one sentence, or one that nothing knows."""
    known = gettext(sentence)
    if known != sentence or len(sentence) > _LONGEST:
        return known
    if found := _NOT_GONE.fullmatch(sentence):
        return _not_gone(int(found[1].replace(",", "")))
    for form in _forms():
        if values := form.values(sentence):
            said = {name: _value(name, value) for name, value in values.items()}
            return gettext(form.words) % said
    return sentence


def _value(name: str, value: str) -> str:
    """As it is, unless it is made of words of ours or is a number."""
    if name == "trouble":
        return told(value)
    if name == "matter":
        return gettext(value)
    if _GROUPED.fullmatch(value):
        return number(int(value.replace(",", "")))
    return ", ".join(gettext(one) if one in _words() else one for one in value.split(", "))


def _not_gone(count: int) -> str:
    return ngettext(
        "%(count)s entry is not confirmed gone. It is tried again.",
        "%(count)s entries are not confirmed gone. It is tried again.",
        count,
    ) % {"count": number(count)}


@cache
def _forms() -> tuple[Form, ...]:
    return by_fixed_words(form for form in _FORMS if "%(" in form)


@cache
def _words() -> frozenset[str]:
    """What a value may be: names of settings and services, sorts of files."""
    return frozenset({*archives.WORDS, *connections.WORDS, *reading.WORDS})
