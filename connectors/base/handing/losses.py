"""Says in sentences what a form cannot hold of the memories that go out in it: only of what is
really there, so a slice without titles loses none."""

from collections.abc import Callable, Iterable, Mapping

from connectors.base.handoff import Held

Has = Callable[[Held], bool]

LOSSES: Mapping[str, tuple[str, Has]] = {
    "kind": (
        "What sort of memory each is is left out: all come back as facts.",
        lambda held: held.item.kind != "fact",
    ),
    "title": ("Titles are left out.", lambda held: held.item.title != ""),
    "collection": (
        "The collections that memories are in are left out.",
        lambda held: held.collection != "",
    ),
    "times": (
        "When something was learnt and changed is left out.",
        lambda held: bool(held.item.created_at or held.item.updated_at),
    ),
    "changed": (
        "When something was last changed is left out.",
        lambda held: held.item.updated_at is not None,
    ),
    "validity": (
        "Since when and until when something is true is left out.",
        lambda held: bool(held.item.valid_from or held.item.valid_until),
    ),
    "pinned": ("Which memories are pinned is left out.", lambda held: held.item.pinned),
    "confirmed": (
        "Which memories wait for your word is left out.",
        lambda held: not held.confirmed,
    ),
    "source": (
        "Where something was learnt is left out.",
        lambda held: bool(held.origin or held.item.conversation_id or held.item.message_id),
    ),
    "notes": ("Notes that came along from a vendor are left out.", lambda h: bool(h.item.metadata)),
}
"""What each is called, the sentence, and whether a memory has it."""


def losses(held: Iterable[Held], *names: str) -> tuple[str, ...]:
    """The sentences for those of `names` that something in `held` has."""
    kept = list(held)
    return tuple(LOSSES[name][0] for name in names if any(map(LOSSES[name][1], kept)))
