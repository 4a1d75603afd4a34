"""Sentences that workers wrote down in English with values in them: known again by their form."""

import re
from collections.abc import Iterator
from functools import cache

from django.utils.translation import gettext, gettext_noop, ngettext

from vault.outbound import model_api

_FORMS = (
    *model_api.SENTENCES,
    gettext_noop("It is asked again by itself."),
    gettext_noop("It did not come back for a long time."),
    gettext_noop("Trying again every minute."),
    gettext_noop("it sounds like %(name)s"),
    gettext_noop("the word “%(word)s”: %(matter)s"),
    gettext_noop("close in meaning: %(matter)s"),
    gettext_noop("Vault archive"),  # so the log calls work that was done for its owner
    gettext_noop("New key"),
)
_NOT_GONE = re.compile(r"(?P<count>[\d,]+) entries are not confirmed gone\. It is tried again\.")


def told(sentence: str) -> str:
    """In the reader's language; as it is where nothing knows it, such as a vendor's own words."""
    known = gettext(sentence) if sentence else ""
    return _by_form(sentence) if known == sentence else known


def _by_form(sentence: str) -> str:
    if found := _NOT_GONE.fullmatch(sentence):
        return _not_gone(int(found["count"].replace(",", "")))
    for form, pattern in _patterns():
        if found := pattern.match(sentence):
            values = found.groupdict()
            if "matter" in values:
                values["matter"] = gettext(values["matter"])
            rest = sentence[found.end() :].strip()
            return " ".join([gettext(form) % values, *([told(rest)] if rest else [])])
    return sentence


def _not_gone(count: int) -> str:
    return ngettext(
        "%(count)s entry is not confirmed gone. It is tried again.",
        "%(count)s entries are not confirmed gone. It is tried again.",
        count,
    ) % {"count": f"{count:,}"}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(_compiled())


def _compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    for form in _FORMS:
        parts = re.split(r"%\((\w+)\)s", form)
        fixed, names = parts[::2], [*parts[1::2], ""]
        open_ = (f"(?P<{name}>.{{1,200}}?)" if name else "" for name in names)
        both = zip(map(re.escape, fixed), open_, strict=True)
        end = r"(?=\s|$)" if form.endswith(".") else "$"
        yield form, re.compile("".join(part for one in both for part in one) + end)
