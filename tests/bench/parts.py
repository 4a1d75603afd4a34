"""Where the time of a context goes: which function is which part."""

from typing import Any


def parts_of_recall() -> list[tuple[Any, str, str]]:
    """(where it is looked up, its name, the part it counts as)."""
    from vault import access_log, indexing, recall
    from vault.search import sealed

    model = type(indexing.embedder())
    return [
        (model, "query", "embed"),
        (sealed, "open_collections", "open"),
        (recall, "search_all", "search+rank"),
        (sealed, "tokens_of", "tokens"),
        (recall, "_memories", "fetch"),
        (recall, "_standing", "standing"),
        (recall, "render", "render"),
        (access_log, "record", "log"),
    ]
