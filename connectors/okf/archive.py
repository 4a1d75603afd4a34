"""Reads OKF 0.2 and 0.1: a folder of Markdown files, each a concept with YAML at its head.

Source: okf/SPEC.md and the bundles beside it in GoogleCloudPlatform/knowledge-catalog.
"""

from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import Files
from connectors.base.shape import Json
from connectors.base.types import Unreadable
from connectors.mif.unit import is_unit
from connectors.okf.bundle import concepts, head, heads, indexes, names, whole
from connectors.okf.concept import item_of

_TELLING = frozenset(
    ("resource", "generated", "verified", "stale_after", "sources", "timestamp", "satchel")
)
"""Fields that OKF has and other notes with a type seldom do."""


class Okf(Archive):
    vendor = "okf"
    what = "OKF folder"

    def recognise(self, files: Files) -> bool:
        found = list(heads(files))
        if not found or any(map(is_unit, found)):
            return False
        declared = any("okf_version" in head(file) for file in indexes(files)[:1])
        return declared or (all(map(_has_type, found)) and any(_TELLING & f.keys() for f in found))

    def records(self, files: Files) -> Iterator[Record]:
        called, copies = names(files), Copies()
        for file in concepts(files):
            try:
                item = item_of(whole(file), called[file.where])
            except ItemError as error:
                yield Unreadable(file.where, str(error))
                continue
            if copies.is_new(item.remote_id, item.updated_at):
                yield item


def _has_type(fields: Json) -> bool:
    said = fields.get("type")
    return isinstance(said, str) and bool(said.strip())
