"""A vector store of OpenAI's platform: memories as small files that its file search finds."""

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

_TROUBLES = {
    "in_progress": "OpenAI is still reading this file.",
    "failed": "OpenAI could not read this file.",
    "cancelled": "The reading of this file was cancelled.",
}
_WHOLE = {"type": "static", "static": {"max_chunk_size_tokens": 4096, "chunk_overlap_tokens": 0}}
"""Passages that do not overlap: put together they are the text again."""


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="From platform.openai.com, under API keys.")
    vector_store_id: str = setting("Vector store id", help="It starts with vs_.")
    base_url: str = address("API address", default="https://api.openai.com/v1")


class OpenAIVectorStore(UploadConnector):
    slug = "openai"
    name = "OpenAI vector store"
    docs_url = "https://developers.openai.com/api/reference/resources/vector_stores"
    quirks = (
        "This is the developers' platform: what ChatGPT itself remembers has no API.",
        "It takes in what you send. Only files that Satchel wrote are read back, one request each "
        "the first time. From then on the listing tells by their names what is as it was.",
        "A file cannot be edited: a changed memory is a new file, and the old one is deleted.",
        "Titles become the first line of the file, and kinds are part of its name.",
        "Nothing is written into OpenAI's conversations: they cannot be listed, so nobody could "
        "show that something is gone from them.",
    )
    per_minute = 300
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.options.api_key}", "openai-beta": "assistants=v2"}

    def check(self) -> Account:
        store = self.get(self._store)
        return Account(store["id"], store["name"] or store["id"])

    def sheets(self) -> Iterator[list[Sheet]]:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            after = {"after": mark} if mark else {}
            answer = self.get(self._files, params={"limit": 100, "order": "asc", **after})
            found = the_list(answer, "data")
            return found, found[-1]["id"] if answer["has_more"] else None

        yield from ([_sheet(file) for file in page] for page in each_page(fetch))

    def sheet(self, remote_id: str) -> Sheet:
        return _sheet(self.get(f"{self._files}/{quote(remote_id, safe='')}"))

    def read(self, sheet: Sheet) -> str:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            params = {"page": mark} if mark else {}
            path = f"{self._files}/{quote(sheet.id, safe='')}/content"
            answer = self.get(path, params=params)
            return the_list(answer, "data"), the_mark(answer, "next_page")

        return "".join(part["text"] for page in each_page(fetch) for part in page)

    @property
    def place(self) -> str:
        return str(self.options.vector_store_id)

    def uploads(self) -> dict[str, str]:
        params: dict[str, Any] = {"purpose": "assistants", "order": "desc", "limit": 1000}
        found = the_list(self.get("/files", params=params), "data")
        return {file["filename"]: file["id"] for file in found}

    def upload(self, name: str, text: str) -> str:
        form = {"file": (name, text.encode(), "text/plain")}
        return str(self.post("/files", data={"purpose": "assistants"}, files=form)["id"])

    def put_in_place(self, file_id: str, name: str) -> Sheet:
        body = {"file_id": file_id, "attributes": {"satchel": name}, "chunking_strategy": _WHOLE}
        return _sheet(self.post(self._files, json=body))

    def throw_away(self, file_id: str) -> None:
        self._must_delete(f"/files/{quote(file_id, safe='')}")

    def remove(self, remote_id: str) -> None:
        """The file first: without it nothing is left to read, whatever comes of the rest."""
        self.forget(remote_id)
        self.throw_away(remote_id)
        self._must_delete(f"{self._files}/{quote(remote_id, safe='')}")

    @property
    def _store(self) -> str:
        return f"/vector_stores/{quote(self.place, safe='')}"

    @property
    def _files(self) -> str:
        return f"{self._store}/files"

    def _must_delete(self, path: str) -> None:
        with suppress(NotFound):
            if self.request("DELETE", path)["deleted"] is not True:
                raise BadResponse("OpenAI did not delete the file.")


def _sheet(file: Any) -> Sheet:
    name = (file.get("attributes") or {}).get("satchel", "")
    trouble = "" if file["status"] == "completed" else _TROUBLES[file["status"]]
    return Sheet(str(file["id"]), str(name), moment(file["created_at"]), trouble)
