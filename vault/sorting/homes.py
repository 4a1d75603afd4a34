"""The owner's collections as the sorter knows them: what each is for, and which takes what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from vault.sorting.head import LABELS
from vault.sorting.lexicon import Lexicon, words_of
from vault.sorting.matters import Matter
from vault.sorting.meaning import nearness
from vault.sorting.words import collection_names

if TYPE_CHECKING:
    from vault.sorting.looks import Look
    from vault.sorting.meaning import Meaning, Vectors

_SENSITIVE = frozenset(
    {"health", "money", "beliefs", "sexuality", "credentials", "identity", "private"}
)
_LEAST, _LEAST_OWN, _MARGIN = 0.35, 0.45, 0.1
"""How probable the best has to be, and how far before the second."""
_NARROWER = 0.6
_STEEP, _MIDDLE = 14.0, 0.36
"""Which cosine to a collection that the owner thought of is as good as not; and how it grows."""
_WORD = 2.0
"""What a word of its name counts then, in logits."""
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Home:
    """A collection, and texts of some memories that are in it."""

    id: UUID
    name: str
    private: bool
    samples: tuple[str, ...] = ()


def role_of(name: str) -> str:
    """Which of the first collections, or which sensitive matter, a name speaks of; "" for none."""
    words = set(words_of(name))
    for role, names in collection_names().items():
        if words & names:
            return role
    return ""


def needs_samples(name: str) -> bool:
    """Whether memories that are in it help to tell what a collection is for."""
    return role_of(name) not in _SENSITIVE.union(LABELS)


def home_for(matter: Matter, homes: Sequence[Home]) -> UUID | None:
    """The private collection for a matter: one of its name, or else one that is just private."""
    for role in (matter, "private"):
        for home in homes:
            if home.private and role_of(home.name) == role:
                return home.id
    return None


class Profile:
    """What a collection is about, made ready to be compared with many texts."""

    def __init__(self, home: Home | None, meaning: Meaning | None, *, taken: bool = False) -> None:
        """`home` None is for what is simply about the person: it competes, and is the default.

        `taken`: another collection has this role already, so this one goes by its name alone.
        """
        self.id = home.id if home else None
        self.role = role_of(home.name) if home else "personal"
        self._label = self.role if self.role in LABELS and not taken else ""
        self._guarded = bool(home and home.private and self.role in _SENSITIVE)
        self._words = Lexicon({"name": _stems(home.name) if home and not self._label else ()})
        self._like: Vectors | None = None
        if meaning is not None and home and not self._label:
            name = home.name
            self._like = meaning.all_of((name, f"About {name}.", f"My {name}.", *home.samples))

    @property
    def known(self) -> bool:
        """One of those that everybody has, which words and sentences tell."""
        return bool(self._label)

    @property
    def guarded(self) -> bool:
        """Only what is sensitive goes there, and by its matter."""
        return self._guarded

    def says_nothing(self, look: Look) -> bool:
        """Whatever is about nothing in particular sounds personal: a word has to say so too."""
        return self.role == "personal" and not look.found("personal").strong

    def probability(self, look: Look) -> float:
        """How well a text fits: 0..1, comparable between profiles."""
        if self._label:
            found = min(len(look.found(self._label).strong), 2)
            logit = look.scores[self._label] if look.scores else found - 1.0
        else:
            found = min(len(self._words.phrases(look.words).get("name", ())), 2)
            logit = _WORD * found - 1.0
            if look.vector is not None and self._like is not None:
                near = nearness(self._like, look.vector, _NEAREST)
                logit = _WORD * found + _STEEP * (near - _MIDDLE)
        return 1 / (1 + math.exp(-logit))


def profiles_of(homes: Sequence[Home], meaning: Meaning | None) -> list[Profile]:
    """Those that compete for what is not sensitive; the first of a role is the one that has it."""
    found: list[Profile] = []
    for home in homes:
        roles = {profile.role for profile in found}
        found.append(Profile(home, meaning, taken=role_of(home.name) in roles))
    if not any(profile.role == "personal" for profile in found):
        found.append(Profile(None, meaning))
    return [profile for profile in found if not profile.guarded]


def best(profiles: Sequence[Profile], look: Look) -> UUID | None:
    """The collection that fits clearly better than every other; None when none does.

    One that the owner thought of is narrower than those that everybody has, so it needs less.
    """
    found = [(profile.probability(look), profile) for profile in profiles]
    own = _clearest([one for one in found if not one[1].known], _LEAST_OWN)
    usual = _clearest([one for one in found if one[1].known], _LEAST)
    if own is None or usual is None:
        clear = own or usual
        return clear[1].id if clear and not clear[1].says_nothing(look) else None
    narrower = usual[1].role == "personal" or own[0] >= _NARROWER * usual[0]
    return own[1].id if narrower else usual[1].id


def _clearest(found: Sequence[tuple[float, Profile]], least: float) -> tuple[float, Profile] | None:
    first, second = (*sorted(found, key=lambda one: -one[0]), None, None)[:2]
    if first is None or first[0] < least:
        return None
    return first if second is None or first[0] - second[0] >= _MARGIN else None


def _stems(name: str) -> list[str]:
    """The telling words of a name, with other endings: "Recipes" also finds "recipe"."""
    return [word[: max(4, len(word) - 2)] + "*" for word in words_of(name) if len(word) >= 4]
