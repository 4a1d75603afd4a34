"""The form that asks what is in files that nobody knows: of each shape, what its parts are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.forms import BoundField

from connectors.plain.fields import Fields
from connectors.plain.mapping import ITSELF
from connectors.plain.sketch import Shape
from vault.text import clean

_LABELS = {
    "text": "The text",
    "date": "When",
    "title": "Its title",
    "speaker": "Who said it",
    "talk": "Which conversation it is of",
    "kind": "What kind it is",
    "id": "Its own id",
}
_USUAL = 4
_HELP = {
    "text": "One memory each, or one turn of a conversation.",
    "speaker": "With this it is read as conversations.",
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
        for number, shape in enumerate(shapes):
            parts = [(part.name, clean(part.name)) for part in shape.parts]
            guess = shape.guess.to_json() if shape.guess else {}
            for name, label in _asked_of(shape):
                none = "Leave these out" if name == "text" else "Nothing says"
                self.fields[f"{name}-{number}"] = forms.ChoiceField(
                    label=label,
                    required=False,
                    choices=[("", none), *parts],
                    initial=guess.get(name, ""),
                    help_text=_HELP.get(name, ""),
                )

    def asked(self) -> Iterator[Asked]:
        for number, shape in enumerate(self._shapes):
            bound = [self[f"{name}-{number}"] for name, _ in _asked_of(shape)]
            yield Asked(shape, seen(shape), _where(shape), bound[:_USUAL], bound[_USUAL:])

    @property
    def said(self) -> list[Fields | None]:
        return [self._said(number) for number in range(len(self._shapes))]

    def _said(self, number: int) -> Fields | None:
        given = {
            one.name: self.cleaned_data.get(f"{one.name}-{number}", "") for one in fields(Fields)
        }
        return Fields(**given) if given["text"] else None


def seen(shape: Shape) -> str:
    """What a shape is, as a person would say it: "a JSON list of 120 entries"."""
    count = f"{'more than ' if shape.more else ''}{shape.count:,}"
    table = shape.place.form == "table"
    single, several = ("row", "rows") if table else ("entry", "entries")
    many = f"{count} {single if shape.count == 1 and not shape.more else several}"
    if table:
        return f"A table of {many}"
    if shape.place.inside:
        return f"{many}, in lists called “{clean(shape.place.inside)}”"
    if shape.place.under:
        return f"A JSON list of {many}, called “{clean(shape.place.under)}”"
    return (
        f"JSON of {many}, each on a line"
        if shape.place.form == "lines"
        else f"A JSON list of {many}"
    )


def _asked_of(shape: Shape) -> list[tuple[str, str]]:
    """Where entries are text and have no parts, there is only one thing to ask."""
    bare = all(part.name == ITSELF for part in shape.parts)
    return [("text", _LABELS["text"])] if bare else list(_LABELS.items())


def _where(shape: Shape) -> str:
    others = f" and {shape.files - 1:,} more files" if shape.files > 1 else ""
    return f"{clean(shape.where)}{others}"
