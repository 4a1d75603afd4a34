"""The forms of sorting: where the piles of an import go, what a rule asks for, which to move."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.base.registry import vendors
from frontend.signin.stepup import StepUpForm
from frontend.words import KIND_NAMES, MATTER_NAMES
from frontend.words.sources import look_of
from sync.importing.piles import REST
from sync.types import Import, Pile, Placing, Proposal
from vault.sorting.rules import LONGEST, SPEAKERS, Condition
from vault.text import clean
from vault.types import Collection

OUT = "out"
_SPEAKER_CHOICES = [("", _("Anybody")), ("user", _("Me")), ("assistant", _("The assistant"))]


@dataclass(frozen=True, slots=True)
class Line:
    """One pile's row of the form. `fits` False: no collection was made for this."""

    name: str
    pile: Pile
    field: BoundField
    fits: bool


class PlacingForm(forms.Form):
    """Whether to sort, and where each pile goes. Valid, it knows the `target` and the `placing`."""

    sort = forms.BooleanField(label=_("Sort into collections"), required=False, initial=True)
    confirmed = forms.BooleanField(
        label=_("I mean it: put these where it is not private"), required=False
    )

    def __init__(
        self,
        *args: Any,
        one: Import,
        collections: Sequence[Collection],
        proposals: Mapping[str, Proposal],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._collections = {str(c.id): c for c in collections}
        self._proposals = proposals
        self.piles = one.sorting.piles if one.sorting else ()
        places = [(id, c.name) for id, c in self._collections.items()]
        self.fields["collection"] = forms.ChoiceField(
            label=_("What is not sorted goes to") if self.piles else _("Into the collection"),
            choices=places,
            initial=str(one.collection_id),
        )
        marked = [(id, _marked(c)) for id, c in self._collections.items()]
        for number, pile in enumerate(self.piles):
            if pile.key != REST:
                self.fields[f"pile-{number}"] = forms.ChoiceField(
                    label=self._name(pile),
                    choices=[*marked, (OUT, gettext("Leave out"))],
                    initial=str(proposals[pile.key].collection_id or OUT),
                )

    def lines(self) -> Iterator[Line]:
        for number, pile in enumerate(self.piles):
            if pile.key != REST:
                fits = self._proposals[pile.key].fits
                yield Line(self._name(pile), pile, self[f"pile-{number}"], fits)

    @property
    def rest(self) -> Pile | None:
        """What nothing speaks for."""
        return next((pile for pile in self.piles if pile.key == REST), None)

    @property
    def homeless(self) -> list[str]:
        """What is sensitive and has no collection of its own."""
        piles = (pile for pile in self.piles if not self._proposals[pile.key].fits)
        return [str(MATTER_NAMES[pile.matter]) for pile in piles]

    @property
    def target(self) -> UUID:
        return UUID(self.cleaned_data["collection"])

    @property
    def placing(self) -> Placing | None:
        said = self.cleaned_data
        if not (said["sort"] and self.piles):
            return None
        places: dict[str, UUID | None] = {REST: self.target}
        for number, pile in enumerate(self.piles):
            if pile.key != REST:
                place = said[f"pile-{number}"]
                places[pile.key] = None if place == OUT else UUID(place)
        return Placing(places, said["confirmed"])

    def _name(self, pile: Pile) -> str:
        if pile.matter:
            return str(MATTER_NAMES[pile.matter])
        home = self._collections.get(str(pile.collection_id))
        return home.name if home else gettext("A collection you removed")


def _marked(collection: Collection) -> str:
    if not collection.private:
        return collection.name
    return gettext("%(name)s (private)") % {"name": collection.name}


class PrivateForm(StepUpForm):
    """A private collection for what has none yet: it gets a key of its own."""

    name = forms.CharField(label=_("Name"), max_length=80, initial=_("Private"))


class RuleForm(forms.Form):
    """What has to be so, and where it then goes. Valid, it knows the `condition`."""

    text = forms.CharField(
        label=_("The text contains"),
        max_length=LONGEST,
        required=False,
        help_text=_(
            "Words or phrases with commas between; one of them is enough. A star stands for "
            "any ending: invoice*, tax office."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    title = forms.CharField(
        label=_("The title of the conversation contains"),
        max_length=LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    vendor = forms.ChoiceField(label=_("It comes from"), required=False)
    speaker = forms.ChoiceField(label=_("Said by"), choices=_SPEAKER_CHOICES, required=False)
    named = forms.CharField(
        label=_("Or by somebody called"),
        max_length=LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    kind = forms.ChoiceField(label=_("Its kind"), required=False)
    collection = forms.ChoiceField(label=_("Then it goes to"))
    sensitive_too = forms.BooleanField(
        label=_("Also what looks sensitive"),
        required=False,
        help_text=_(
            "Matters only where the collection is not private: without this, what looks "
            "sensitive is proposed for a private one."
        ),
    )

    def __init__(self, *args: Any, collections: Sequence[Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = sorted((look_of(slug).name, slug) for slug in (*vendors(), "app"))
        by_vendor = [("", gettext("Anywhere")), *((slug, name) for name, slug in sources)]
        for name, choices in (
            ("vendor", by_vendor),
            ("kind", [("", gettext("Any kind")), *KIND_NAMES.items()]),
            ("collection", [(str(c.id), c.name) for c in collections]),
        ):
            field = self.fields[name]
            self.fields[name] = forms.ChoiceField(
                label=field.label, required=field.required, choices=choices
            )

    @property
    def condition(self) -> Condition:
        said = self.cleaned_data
        speaker = said["named"].strip() or said["speaker"]
        parts = {name: said[name].strip() for name in ("text", "title", "vendor", "kind")}
        return Condition(**parts, speaker=speaker, sensitive_too=said["sensitive_too"])

    @staticmethod
    def initial_for(condition: Condition, collection_id: UUID) -> dict[str, Any]:
        by_role = condition.speaker in ("", *SPEAKERS)
        return {
            "text": condition.text,
            "title": condition.title,
            "vendor": condition.vendor,
            "speaker": condition.speaker if by_role else "",
            "named": "" if by_role else condition.speaker,
            "kind": condition.kind,
            "collection": str(collection_id),
            "sensitive_too": condition.sensitive_too,
        }


def described(condition: Condition) -> list[str]:
    """The parts of a condition in words, for a list of rules."""
    kind = KIND_NAMES.get(condition.kind, condition.kind)
    parts = [
        (condition.text, gettext("the text contains “%(value)s”"), condition.text),
        (condition.title, gettext("the title contains “%(value)s”"), condition.title),
        (condition.vendor, gettext("it comes from %(value)s"), look_of(condition.vendor).name),
        (condition.speaker, _speaker_words(condition.speaker), condition.speaker),
        (condition.kind, gettext("it is of the kind “%(value)s”"), kind),
        (condition.sensitive_too, gettext("also when it looks sensitive"), ""),
    ]
    return [clean(words % {"value": value}) for given, words, value in parts if given]


def _speaker_words(speaker: str) -> str:
    if speaker == "user":
        return gettext("you said it")
    return (
        gettext("the assistant said it") if speaker == "assistant" else gettext("%(value)s said it")
    )
