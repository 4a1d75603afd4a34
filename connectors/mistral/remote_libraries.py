"""A library of Mistral's platform: memories as small documents that agents look things up in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.base.errors import Unavailable
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list
from connectors.base.live.sheets import Sheet, SheetConnector
from connectors.base.moments import moment
from connectors.base.types import Account

_READ = {"done", "noop", "self_managed"}
_TROUBLES = {
    "missing_content": "Mistral found nothing to read in this document.",
    "error": "Mistral could not read this document.",
}


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="From console.mistral.ai, under API keys.")
    library_id: str = setting("Library id", help="Of the library that is to hold the memories.")
    base_url: str = address("API address", default="https://api.mistral.ai/v1")


class MistralLibrary(SheetConnector):
    slug = "mistral-libraries"
    name = "Mistral library"
    docs_url = "https://docs.mistral.ai/agents/tools/built-in/document_library"
    quirks = (
        "What Le Chat remembers of you has no API: a library of documents is what can be written.",
        "It takes in what you send. Only documents that Satchel wrote are read back, one request "
        "each the first time. From then on the listing tells by their names what is as it was.",
        "A document cannot be edited: a changed memory is a new one, and the old one is deleted.",
        "Titles become the first line of the document, and kinds are part of its name.",
        "Mistral writes a summary of each document; it goes when the document goes.",
    )
    per_minute = 60
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.options.api_key}"}

    def check(self) -> Account:
        library = self.get(self._library)
        return Account(library["id"], library["name"])

    def sheets(self) -> Iterator[list[Sheet]]:
        """Pages are counted, so whatever comes or goes in between shifts the rest: then the number
        of all documents is another one than before, or than what came."""
        seen: set[str] = set()
        number, more, totals = 0, True, set[int]()
        while more:
            order = {"sort_by": "created_at", "sort_order": "asc"}
            params = {"page_size": 100, "page": number, **order}
            answer = self.get(self._documents, params=params)
            found, counts = the_list(answer, "data"), answer["pagination"]
            number, more = number + 1, counts["has_more"] and bool(found)
            totals.add(int(counts["total_items"]))
            seen.update(str(document["id"]) for document in found)
            yield [_sheet(document) for document in found]
        if totals != {len(seen)}:
            raise Unavailable(f"{self.name} changed while it was listed. It is listed anew later.")

    def sheet(self, remote_id: str) -> Sheet:
        return _sheet(self.get(self._document(remote_id)))

    def read(self, sheet: Sheet) -> str:
        return str(self.get(f"{self._document(sheet.id)}/text_content")["text"])

    def store(self, name: str, text: str) -> Sheet:
        form = {"file": (name, text.encode(), "text/plain")}
        return _sheet(self.post(self._documents, files=form))

    def remove(self, remote_id: str) -> None:
        self.request("DELETE", self._document(remote_id))

    @property
    def _library(self) -> str:
        return f"/libraries/{quote(self.options.library_id, safe='')}"

    @property
    def _documents(self) -> str:
        return f"{self._library}/documents"

    def _document(self, remote_id: str) -> str:
        return f"{self._documents}/{quote(remote_id, safe='')}"


def _sheet(document: Any) -> Sheet:
    status = document["process_status"]
    still = "Mistral is still reading this document."
    trouble = "" if status in _READ else _TROUBLES.get(status, still)
    return Sheet(
        str(document["id"]), str(document["name"]), moment(document["created_at"]), trouble
    )
