"""The table of grants: a row for each grantee, a cell for each collection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from frontend.presenters.connectedapps import ConnectedApp
from frontend.words.levels import Level, all_levels, level_by_code, level_of
from vault.text import clean
from vault.types import Collection, Grant, Right

FIELD = "level-"
"""What the name of a cell's field begins with; the collection's id follows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`name` is the collection's; `options` those of its choice, the present one chosen."""

    field: str
    name: str
    level: Level
    options: SafeString


@dataclass(frozen=True, slots=True)
class Row:
    """`asked` is what was chosen and needs the password first: nothing of it holds yet. `said` is
    what there is to tell about this row."""

    grant: Grant
    cells: Sequence[Cell]
    app: ConnectedApp | None = None
    connection_id: UUID | None = None
    asked: Mapping[UUID, Right] = field(default_factory=dict)
    said: str = ""

    @property
    def query(self) -> str:
        """What is asked, as the page where the password is entered takes it."""
        sent = QueryDict(mutable=True)
        sent["from"] = "grants"
        for place, right in self.asked.items():
            sent[f"{FIELD}{place}"] = level_of(right).code
        return sent.urlencode()


class Matrix:
    """Makes rows, for these collections."""

    def __init__(
        self,
        collections: Sequence[Collection],
        apps: Mapping[UUID, ConnectedApp],
        connections: Mapping[UUID, UUID],
    ) -> None:
        self.collections, self._apps, self._connections = collections, apps, connections
        self._names = {one.id: clean(one.name) for one in collections}

    @property
    def span(self) -> int:
        """How many columns the table has."""
        return len(self.collections) + 1

    def rows(self, grants: Iterable[Grant]) -> list[Row]:
        return [self.row(grant) for grant in grants]

    def row(
        self, grant: Grant, *, asked: Mapping[UUID, Right] | None = None, said: str = ""
    ) -> Row:
        chosen = {**grant.rights, **(asked or {})}
        cells = [self._cell(one.id, chosen.get(one.id, Right())) for one in self.collections]
        app, connection = self._apps.get(grant.id), self._connections.get(grant.id)
        return Row(grant, cells, app, connection, asked or {}, said)

    def _cell(self, place: UUID, right: Right) -> Cell:
        level = level_of(right)
        return Cell(f"{FIELD}{place}", self._names[place], level, self._options[level.code])

    @cached_property
    def _options(self) -> dict[str, SafeString]:
        """By the code that is chosen: six sets for the whole table, not one a cell."""
        levels = all_levels()
        form = '<option value="{}"{}>{}</option>'
        chosen = {True: " selected", False: ""}
        return {
            one.code: format_html_join(
                "", form, ((it.code, chosen[it is one], it.word) for it in levels)
            )
            for one in levels
        }


def chosen(sent: QueryDict, collections: Iterable[Collection]) -> dict[UUID, Right]:
    """What was chosen, by collection; one that was not sent, or sent as no level, is left out."""
    levels = {one.id: level_by_code(sent.get(f"{FIELD}{one.id}", "")) for one in collections}
    return {place: level.right for place, level in levels.items() if level}
