"""What people read for the files of an archive and for the tables of a vault."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from frontend.words.numbers import number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ARCHIVE_NAMES: "Mapping[str, StrOrPromise]" = {
    "collections": _("collections"),
    "memories": _("memories, forgotten ones too"),
    "revisions": _("earlier versions of them"),
    "sources": _("sources: where they were seen"),
    "vectors": _("embeddings for search"),
    "suggestions": _("suggestions that wait"),
    "pairs": _("pairs that may be one, and what you said"),
    "rules": _("rules for sorting"),
    "views": _("saved views"),
    "grants": _("grants, which come back ended"),
    "imports": _("past imports"),
    "log": _("lines of the access log"),
}
"""In the order in which they are shown."""

ERASED_LINES: "Mapping[str, StrOrPromise]" = {
    "memory": _("Memories deleted: %(count)s"),
    "revision": _("Earlier versions deleted: %(count)s"),
    "source": _("Sources deleted: %(count)s"),
    "collection": _("Collections deleted: %(count)s"),
    "grant": _("Grants deleted: %(count)s"),
    "suggestion": _("Suggestions deleted: %(count)s"),
    "logentry": _("Lines of the access log deleted: %(count)s"),
    "import": _("Imports deleted: %(count)s"),
}
"""In the order in which they are shown; all others are counted together."""
OTHER_ROWS = _("Other rows deleted, such as what search needs: %(count)s")

MAKING: "Mapping[str, StrOrPromise]" = {
    "making": _("Making your archive"),
    "done": _("Your archive is ready"),
    "gone": _("This archive is deleted"),
    "failed": _("The archive could not be made"),
    "cancelled": _("No archive was made"),
}
RESTORING: "Mapping[str, StrOrPromise]" = {
    "waiting": _("This archive needs its passphrase"),
    "checking": _("Checking the archive"),
    "restoring": _("Restoring your vault"),
    "indexing": _("Restored. Now making it searchable"),
    "wiping": _("Taking away what was restored so far"),
    "done": _("Your vault is restored"),
    "failed": _("This archive could not be restored"),
    "cancelled": _("Nothing was restored"),
}
"""Titles of an archive's page, by its state."""


def erased_line(words: "StrOrPromise", count: int) -> str:
    """A line of the receipt, as in "Memories deleted: 1,204"."""
    return str(words) % {"count": number(count)}
