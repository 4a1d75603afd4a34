"""Why texts could not be embedded, split by what happens next.

EmbedderError
├── EmbedderDown       nobody answered, or not now: search goes on by words, try again later
└── EmbedderRefused    it will not do it: change what the message names
    └── ModelFilesError    the bundled model's files are missing: install Satchel again
"""

from __future__ import annotations


class EmbedderError(Exception):
    """Base class. The message is shown to the person: no text and no key in it."""


class EmbedderDown(EmbedderError):
    """The embedding server does not answer now. `wait`: seconds that it asked for, or None."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class EmbedderRefused(EmbedderError):
    """The embedding server will not do this. Change the setting that the message names."""


class ModelFilesError(EmbedderRefused):
    """The search model's files are missing or not the ones expected. Install Satchel again."""
