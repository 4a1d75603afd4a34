"""Small files that are uploaded first and put into their place then, by two requests.

A run may break off between the two: then the file lies at the remote and is in no listing of the
place. So its name says where it belongs, and the next attempt looks for it before it uploads.
"""

from abc import abstractmethod
from contextlib import suppress
from typing import Any

import httpx

from connectors.base.errors import ConnectorError
from connectors.base.live.sheets import Sheet, SheetConnector


class UploadConnector(SheetConnector):
    """Subclasses say how a file is uploaded, placed and thrown away, and which ones there are."""

    def __init__(self, options: Any, http: httpx.Client) -> None:
        super().__init__(options, http)
        self._uploads: dict[str, str] | None = None

    @property
    @abstractmethod
    def place(self) -> str:
        """The id of what the files are put into."""

    @abstractmethod
    def uploads(self) -> dict[str, str]:
        """Ids of uploaded files by their names, placed or not: at least the newest ones."""

    @abstractmethod
    def upload(self, name: str, text: str) -> str:
        """The id of the new file."""

    @abstractmethod
    def put_in_place(self, file_id: str, name: str) -> Sheet: ...

    @abstractmethod
    def throw_away(self, file_id: str) -> None:
        """Remove the file itself, wherever it is. NotFound is fine."""

    def store(self, name: str, text: str) -> Sheet:
        if self._uploads is None:
            self._uploads = self.uploads()
        name_there = f"{self.place}.{name}"
        file_id = self._uploads.pop(name_there, "") or self.upload(name_there, text)
        try:
            return self.put_in_place(file_id, name)
        except ConnectorError:
            with suppress(ConnectorError):  # else the next attempt finds it
                self.throw_away(file_id)
            raise

    def name_here(self, name_there: str) -> str:
        """The name of a file as we gave it, without its place."""
        return name_there.removeprefix(f"{self.place}.")

    def forget(self, file_id: str) -> None:
        """This file is about to go, so it is of no use to a later attempt."""
        known = self._uploads or {}
        for name in [name for name, there in known.items() if there == file_id]:
            del known[name]
