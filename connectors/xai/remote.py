"""A collection of xAI's platform: memories as small documents that Grok finds passages in."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.base.errors import BadResponse, NotFound
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import each_page, the_list, the_mark
from connectors.base.live.sheets import Sheet
from connectors.base.live.uploads import UploadConnector
from connectors.base.moments import moment
from connectors.base.types import Account


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="From console.x.ai, under API keys. It reads files.")
    management_key: str = secret(
        "Management key",
        help="From console.x.ai, under Management keys, with AddFileToCollection and the "
        "collections endpoints allowed.",
    )
    collection_id: str = setting("Collection id", help="It starts with collection_.")
    base_url: str = address("API address", default="https://api.x.ai/v1")
    management_url: str = address("Management address", default="https://management-api.x.ai/v1")


class XaiCollection(UploadConnector):
    slug = "xai"
    name = "xAI collection"
    docs_url = "https://docs.x.ai/developers/files/collections"
    quirks = (
        "What Grok remembers of you has no API: a collection of documents is what can be written.",
        "It takes in what you send. Only documents that Satchel wrote are read back, one request "
        "each the first time. From then on the listing tells by their names what is as it was.",
        "A document is replaced, not edited: a changed memory is a new one, and the old one is "
        "deleted.",
        "Titles become the first line of the document, and kinds are part of its name.",
    )
    Options = Options

    @property
    def base_url(self) -> str:
        """None in common: files and collections live at two addresses, each with its own key."""
        return ""

    def check(self) -> Account:
        """Both keys are tried: each is of no use without the other."""
        the_list(self.get(self._file(), headers=self._by_key, params={"limit": 1}), "data")
        collection = self.get(self._collection, headers=self._by_manager)
        return Account(collection["collection_id"], collection["collection_name"])

    def sheets(self) -> Iterator[list[Sheet]]:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            order = {"sort_by": "DOCUMENTS_SORT_BY_AGE", "order": "ORDERING_ASCENDING"}
            params = {"limit": 100, **order, **({"pagination_token": mark} if mark else {})}
            answer = self.get(self._document(), headers=self._by_manager, params=params)
            return the_list(answer, "documents"), the_mark(answer, "pagination_token")

        yield from ([self._sheet(document) for document in page] for page in each_page(fetch))

    def sheet(self, remote_id: str) -> Sheet:
        return self._sheet(self.get(self._document(remote_id), headers=self._by_manager))

    def read(self, sheet: Sheet) -> str:
        url = f"{self._file(sheet.id)}/content"
        return self.answer("GET", url, headers=self._by_key).content.decode(errors="replace")

    @property
    def place(self) -> str:
        return str(self.options.collection_id)

    def uploads(self) -> dict[str, str]:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            params = {"limit": 100, **({"pagination_token": mark} if mark else {})}
            answer = self.get(self._file(), headers=self._by_key, params=params)
            return the_list(answer, "data"), the_mark(answer, "pagination_token")

        return {file["filename"]: file["id"] for page in each_page(fetch) for file in page}

    def upload(self, name: str, text: str) -> str:
        form = {"file": (name, text.encode(), "text/plain")}
        purpose = {"purpose": "assistants"}
        file = self.post(self._file(), headers=self._by_key, data=purpose, files=form)
        return str(file["id"])

    def put_in_place(self, file_id: str, name: str) -> Sheet:
        self.post(self._document(file_id), headers=self._by_manager, json={})
        return Sheet(file_id, name)

    def throw_away(self, file_id: str) -> None:
        with suppress(NotFound):
            done = self.request("DELETE", self._file(file_id), headers=self._by_key)
            if done["deleted"] is not True:
                raise BadResponse("xAI did not delete the file.")

    def remove(self, remote_id: str) -> None:
        """The file first: without it nothing is left to read, whatever comes of the rest."""
        self.forget(remote_id)
        self.throw_away(remote_id)
        with suppress(NotFound):
            self.request("DELETE", self._document(remote_id), headers=self._by_manager)

    @property
    def _by_key(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.options.api_key}"}

    @property
    def _by_manager(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.options.management_key}"}

    @property
    def _collection(self) -> str:
        address = self.options.management_url.rstrip("/")
        return f"{address}/collections/{quote(self.place, safe='')}"

    def _document(self, remote_id: str = "") -> str:
        return f"{self._collection}/documents" + _part(remote_id)

    def _file(self, remote_id: str = "") -> str:
        return f"{self.options.base_url.rstrip('/')}/files" + _part(remote_id)

    def _sheet(self, document: Any) -> Sheet:
        """Whether xAI has indexed it yet does not matter: the file itself is what is read."""
        file = document["file_metadata"]
        name = self.name_here(str(file["name"]))
        return Sheet(str(file["file_id"]), name, moment(file["created_at"]))


def _part(remote_id: str) -> str:
    return f"/{quote(remote_id, safe='')}" if remote_id else ""
