"""What the reference memory server keeps, as its tools and its file both have it: an entity, and
what was observed of it. Which memory is which is told by its words alone."""

from dataclasses import dataclass

from connectors.base.ids import stable_id


@dataclass(frozen=True, slots=True)
class Observation:
    entity: str
    text: str

    @property
    def id(self) -> str:
        return stable_id("observation", self.entity, self.text)


@dataclass(frozen=True, slots=True)
class Relation:
    """One entity, what it is to another, and the other."""

    source: str
    sort: str
    target: str

    @property
    def id(self) -> str:
        return stable_id("relation", self.source, self.sort, self.target)

    @property
    def text(self) -> str:
        """As a sentence: the sort is one or two words, joined by underscores in most graphs."""
        return f"{self.source} {self.sort.replace('_', ' ')} {self.target}"
