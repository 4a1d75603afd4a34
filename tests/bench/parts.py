"""Where the time of a context goes: which function is which part."""

from typing import Any


def parts_of_recall() -> list[tuple[Any, str, str]]:
    """(where it is looked up, its name, the part it counts as)."""
    from vault.embedding import embedders
    from vault.log import access_log
    from vault.recalling import gathering, recall
    from vault.search import sealed

    model = type(embedders.bundled())
    return [
        (model, "query", "embed"),
        (sealed, "open_collections", "open"),
        (recall, "search_each", "search+rank"),
        (sealed, "tokens_of", "tokens"),
        (recall, "_memories", "fetch"),
        (gathering, "standing", "standing"),
        (gathering, "found", "neighbours"),
        (gathering, "said_once", "collapse"),
        (recall, "render", "render"),
        (access_log, "record", "log"),
    ]
