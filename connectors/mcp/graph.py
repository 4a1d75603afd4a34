"""The knowledge graph of the reference memory server: each observation is an entry."""

from collections.abc import Iterator
from typing import Any

from connectors.base.errors import BadResponse, NotFound
from connectors.base.types import Entry, Item
from connectors.mcp.observations import Observation
from connectors.mcp.session import Session

TOOLS = frozenset(("read_graph", "create_entities", "add_observations", "delete_observations"))
_EMPTY = "This observation is empty."


class Graph:
    """Observations without a title of their own are those of `home`, an entity."""

    def __init__(self, session: Session, home: str) -> None:
        self._session, self._home = session, home

    def entries(self) -> list[Entry]:
        return [self._entry(one) for one in self._observations().values()]

    def create(self, item: Item, key: str) -> Entry:
        """There is no place for the key; but the same words are never there twice."""
        return self._add(Observation(item.title or self._home, item.text))

    def update(self, entry: Entry, item: Item) -> Entry:
        before = self._found(entry)
        after = Observation(item.title or self._home, item.text)
        added = self._add(after)
        if after != before:
            self._remove(before)
        return added

    def delete(self, entry: Entry) -> None:
        self._remove(self._found(entry))

    def _found(self, entry: Entry) -> Observation:
        found = self._observations().get(entry.remote_id)
        if found is None:
            raise NotFound("This observation is not there any more.")
        return found

    def _observations(self) -> dict[str, Observation]:
        """By ids that the words make: it has no others. Equal ones are one."""
        return {one.id: one for one in self._read()}

    def _read(self) -> Iterator[Observation]:
        for entity in self._entities():
            for text in entity["observations"]:
                if not isinstance(text, str):
                    raise BadResponse("The memory server has an observation that is not text.")
                yield Observation(str(entity["name"]), text)

    def _entities(self) -> list[dict[str, Any]]:
        found = self._session.call("read_graph", {})["entities"]
        if not isinstance(found, list):
            raise BadResponse("The memory server answered in a form that is not known.")
        return found

    def _add(self, new: Observation) -> Entry:
        if new.entity in {entity["name"] for entity in self._entities()}:
            contents = {"entityName": new.entity, "contents": [new.text]}
            self._session.call("add_observations", {"observations": [contents]})
        else:
            entity = {"name": new.entity, "entityType": "memory", "observations": [new.text]}
            self._session.call("create_entities", {"entities": [entity]})
        if new.id not in self._observations():
            raise BadResponse("The memory server did not keep what it was given.")
        return self._entry(new)

    def _remove(self, old: Observation) -> None:
        deletion = {"entityName": old.entity, "observations": [old.text]}
        self._session.call("delete_observations", {"deletions": [deletion]})

    def _entry(self, one: Observation) -> Entry:
        title = "" if one.entity == self._home else one.entity
        id = one.id
        if not one.text.strip():
            return Entry(id, id, None, unreadable=_EMPTY)
        return Entry(id, id, Item(one.text, title=title))
