"""From the piles of a preview to collections: what is proposed, and what the owner decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext

from sync.importing.piles import choices_from, piles_from
from sync.importing.shapes import SHAPES
from sync.types import Pile, Placing, Proposal
from vault import collections
from vault.access import Access
from vault.errors import Invalid
from vault.granting import grants
from vault.scope import vault_scope
from vault.sorting.homes import Home, home_for
from vault.sorting.matters import Matter
from vault.types import Collection, Draft
from vault.visible import Selection, selected_rows


def proposals(access: Access, piles: Iterable[Pile], target: UUID) -> dict[str, Proposal]:
    """For each pile's key, where it would go. What is sensitive is proposed for a private
    collection only: the one for it, or else the one that the fewest apps may see."""
    listed = collections.listing(access)
    homes = [Home(one.id, one.name, one.private) for one in listed]
    there = {one.id for one in listed}
    spare = _most_private(access, listed)
    found = {}
    for pile in piles:
        if pile.matter:
            fitting = home_for(cast(Matter, pile.matter), homes)
            found[pile.key] = Proposal(fitting or spare, fitting is not None)
        else:
            place = pile.collection_id if pile.collection_id in there else target
            found[pile.key] = Proposal(place, True)
    return found


def placed(
    access: Access, details: Mapping[str, Any], target: UUID, wanted: Placing
) -> dict[str, Any]:
    """The details with a collection, or none to leave it out, for each pile, as decided.

    Invalid when something sensitive, or what belongs to a private collection, would go to one that
    is not, and the owner did not say that this is meant.
    """
    if "sorting" not in details:
        raise Invalid(
            gettext("This import was read by an earlier version. Import the files again to sort.")
        )
    piles = piles_from(details)
    proposed = proposals(access, piles, target)
    private = {one.id for one in collections.listing(access) if one.private}
    places: dict[str, UUID | None] = {}
    for pile in piles:
        place = wanted.places.get(pile.key, proposed[pile.key].collection_id)
        guarded = pile.count > 0 and (bool(pile.matter) or pile.collection_id in private)
        if guarded and place is not None and place not in private and not wanted.confirmed:
            raise Invalid(
                gettext(
                    "Something that looks sensitive would go to a collection that is not private. "
                    "Choose a private one, or say that you mean it."
                ),
                "confirmed",
            )
        places[pile.key] = place
    access.narrowed({place for place in places.values() if place is not None})
    kept = {key: place.hex if place else None for key, place in places.items()}
    return {**details, "sorting": {**details["sorting"], "places": kept}}


def brought_to(access: Access, import_id: UUID) -> dict[UUID, int]:
    """Of a written import: how many of its memories each collection has now, the most first."""
    with vault_scope(access.vault_id):
        rows = selected_rows(access, Selection(import_id=import_id))
        found = rows.values("collection_id").annotate(n=Count("id")).order_by("-n")
        return {row["collection_id"]: row["n"] for row in found}


def held_of(access: Access, import_id: UUID) -> int:
    """How many of its memories wait for the owner's word."""
    with vault_scope(access.vault_id):
        return selected_rows(access, Selection(import_id=import_id, held=True)).count()


def without_choices(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details once everything is written: what the sorter saw, and what the files looked like,
    is kept no longer."""
    return {key: value for key, value in details.items() if key not in ("sorting", SHAPES)}


@dataclass(frozen=True)
class Plan:
    """Where each draft of an import goes, by its number in the archive."""

    target: UUID
    keys: Sequence[str] = ()
    choices: bytes = b""
    places: Mapping[str, UUID | None] | None = None

    @classmethod
    def of(cls, details: Mapping[str, Any], target: UUID, *, sort: bool) -> "Plan":
        if not sort:
            return cls(target)
        keys, choices = choices_from(details)
        kept: Mapping[str, str | None] = details["sorting"]["places"]
        places = {key: UUID(place) if place else None for key, place in kept.items()}
        return cls(target, keys, choices, places)

    def placed(self, drafts: Sequence[Draft], first: int) -> list[tuple[UUID, Draft]]:
        """The drafts with their collections, without those that are left out. `first` is the
        number of the first."""
        found = ((self._place(first + n), draft) for n, draft in enumerate(drafts))
        return [(place, draft) for place, draft in found if place is not None]

    def _place(self, number: int) -> UUID | None:
        if self.places is None:
            return self.target
        if number >= len(self.choices):
            raise Invalid(
                gettext("These files read differently now. Import them again: nothing doubles.")
            )
        return self.places[self.keys[self.choices[number]]]


def _most_private(access: Access, listed: Sequence[Collection]) -> UUID | None:
    """Of the private collections, the one that the fewest grants may see; the first of several."""
    private = [one for one in listed if one.private]
    living = [grant for grant in grants.listing(access) if grant.state in ("active", "paused")]

    def seen_by(one: Collection) -> int:
        rights = (grant.rights.get(one.id) for grant in living)
        return sum(right is not None and right.see for right in rights)

    return min(private, key=seen_by).id if private else None
