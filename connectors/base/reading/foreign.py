"""Tells the person what they uploaded when it is not an export at all."""

from connectors.base.errors import ArchiveError
from connectors.base.reading.zips import EMPTY_MAGIC

KINDS = (
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"GIF8", "a picture"),
    (8, b"WEBP", "a picture"),
    (0, b"%PDF", "a PDF"),
    (0, b"\x1f\x8b", "a gzip or tar.gz archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ", "an xz archive"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3", "a database"),
)
_ARCHIVES = ("archive",)


def refuse_foreign(name: str, head: bytes) -> None:
    """Raise ArchiveError unless `head`, the first bytes of the file `name`, looks like text."""
    if not head:
        raise ArchiveError(f"{name} is empty. Download the export again and upload the new copy.")
    if head.startswith(EMPTY_MAGIC):
        raise ArchiveError(f"{name} is an empty zip. Download the export again and upload that.")
    for offset, magic, what in KINDS:
        if head[offset:].startswith(magic):
            raise ArchiveError(_refusal(name, what))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ArchiveError(f"{name} was saved as UTF-16. Save it as UTF-8 and upload it again.")
    if b"\x00" in head:
        raise ArchiveError(
            f"{name} is not a file that an assistant exports. Upload the zip that the vendor sent"
            " you, or the files inside it."
        )


def _refusal(name: str, what: str) -> str:
    if what.endswith(_ARCHIVES):
        return f"{name} is {what}. Unpack it and upload the zip or the files inside."
    return f"{name} is {what}. Upload the zip that the vendor sent you, or the files inside it."
