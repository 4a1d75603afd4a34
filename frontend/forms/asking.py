"""The form that asks what is in files that nobody knows: of each shape, what its parts are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from connectors.plain.fields import Fields
from connectors.plain.mapping import ITSELF
from connectors.plain.sketch import Shape
from frontend.words.numbers import number
from vault.text import clean

OUT = "leave out".ljust(81, "-")
"""Chosen for what is no memory. No part is called so: their names end at 80 letters."""
_LABELS = {
    "text": _("The text"),
    "date": _("When"),
    "title": _("Its title"),
    "speaker": _("Who said it"),
    "talk": _("Which conversation it is of"),
    "kind": _("What kind it is"),
    "id": _("Its own id"),
}
ASKED = frozenset(_LABELS)
"""Of each shape: what its parts can be."""
_USUAL = 4
_HELP = {
    "text": _("One memory each, or one turn of a conversation."),
    "speaker": _("With this it is read as conversations."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One shape's part of the form. `seen` says in words what it is; `rare` is seldom needed."""

    shape: Shape
    seen: str
    where: str
    fields: Sequence[BoundField]
    rare: Sequence[BoundField]


class AskingForm(forms.Form):
    """Valid, it knows what was `said` of each shape, in their order."""

    def __init__(self, *args: Any, shapes: Sequence[Shape], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shapes = shapes
        for place, shape in enumerate(shapes):
            guess = shape.guess.to_json() if shape.guess else {}
            for name in _asked_of(shape):
                self.fields[f"{name}-{place}"] = forms.ChoiceField(
                    label=_LABELS[name],
                    required=name == "text",
                    choices=_choices(shape, name, several=len(shapes) > 1),
                    initial=guess.get(name, ""),
                    help_text=_HELP.get(name, ""),
                    error_messages={"required": _("Choose the part that holds the text.")},
                )

    def asked(self) -> Iterator[Asked]:
        for place, shape in enumerate(self._shapes):
            bound = [self[f"{name}-{place}"] for name in _asked_of(shape)]
            yield Asked(shape, seen(shape), _where(shape), bound[:_USUAL], bound[_USUAL:])

    @property
    def said(self) -> list[Fields | None]:
        return [self._said(place) for place in range(len(self._shapes))]

    def _said(self, place: int) -> Fields | None:
        given = {
            one.name: self.cleaned_data.get(f"{one.name}-{place}", "") for one in fields(Fields)
        }
        return Fields(**given) if given["text"] != OUT else None


def seen(shape: Shape) -> str:
    """What a shape is, as a person would say it: "A JSON list of 120 entries"."""
    table, count = shape.place.form == "table", shape.count
    if table and shape.more:
        words = gettext("A table of more than %(count)s rows")
    elif table:
        words = ngettext("A table of %(count)s row", "A table of %(count)s rows", count)
    elif shape.place.inside:
        words = _inside(count, more=shape.more)
    elif shape.place.under:
        words = _under(count, more=shape.more)
    elif shape.place.form == "lines":
        words = _lines(count, more=shape.more)
    else:
        words = _list(count, more=shape.more)
    name = clean(shape.place.inside or shape.place.under)
    return words % {"count": number(count), "name": name}


def _inside(count: int, *, more: bool) -> str:
    if more:
        return gettext("More than %(count)s entries, in lists called “%(name)s”")
    return ngettext(
        "%(count)s entry, in lists called “%(name)s”",
        "%(count)s entries, in lists called “%(name)s”",
        count,
    )


def _under(count: int, *, more: bool) -> str:
    if more:
        return gettext("A JSON list of more than %(count)s entries, called “%(name)s”")
    return ngettext(
        "A JSON list of %(count)s entry, called “%(name)s”",
        "A JSON list of %(count)s entries, called “%(name)s”",
        count,
    )


def _lines(count: int, *, more: bool) -> str:
    if more:
        return gettext("JSON of more than %(count)s entries, each on a line")
    return ngettext(
        "JSON of %(count)s entry, each on a line",
        "JSON of %(count)s entries, each on a line",
        count,
    )


def _list(count: int, *, more: bool) -> str:
    if more:
        return gettext("A JSON list of more than %(count)s entries")
    return ngettext("A JSON list of %(count)s entry", "A JSON list of %(count)s entries", count)


def _asked_of(shape: Shape) -> list[str]:
    """Where entries are text and have no parts, there is only one thing to ask."""
    bare = all(part.name == ITSELF for part in shape.parts)
    return ["text"] if bare else list(_LABELS)


def _choices(shape: Shape, name: str, *, several: bool) -> list[tuple[str, str]]:
    """Nothing is chosen where nothing speaks for a part. What is no memory can be left out, where
    something is left."""
    parts = [(part.name, _called(part.name)) for part in shape.parts]
    if name != "text":
        return [("", gettext("The file does not say")), *parts]
    out = [(OUT, gettext("Leave these out"))] if several or not parts else []
    return [("", gettext("Choose …")), *parts, *out] if parts else out


def _called(name: str) -> str:
    return gettext("The entry itself") if name == ITSELF else clean(name)


def _where(shape: Shape) -> str:
    others = shape.files - 1
    if not others:
        return clean(shape.where)
    words = ngettext(
        "%(name)s and %(count)s more file", "%(name)s and %(count)s more files", others
    )
    return words % {"name": clean(shape.where), "count": number(others)}
