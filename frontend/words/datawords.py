"""What people read for the files of an archive and for the tables of a vault."""

from collections.abc import Mapping

ARCHIVE_NAMES: Mapping[str, str] = {
    "collections": "collections",
    "memories": "memories, forgotten ones too",
    "revisions": "earlier versions of them",
    "sources": "sources: where they were seen",
    "vectors": "embeddings for search",
    "suggestions": "suggestions that wait",
    "pairs": "pairs that may be one, and what you said",
    "rules": "rules for sorting",
    "grants": "grants, which come back ended",
    "imports": "past imports",
    "log": "lines of the access log",
}
"""In the order in which they are shown."""

ERASED_NAMES: Mapping[str, str] = {
    "memory": "memories",
    "revision": "earlier versions",
    "source": "sources",
    "collection": "collections",
    "grant": "grants",
    "suggestion": "suggestions",
    "logentry": "lines of the access log",
    "import": "imports",
}
"""In the order in which they are shown; all others are counted together."""
