"""What people read for what a connection calls by a code: its states, counts, runs and receipts."""

from collections.abc import Mapping, Sequence

INTERVALS: Mapping[int, str] = {
    0: "Only when I start it",
    15: "Every 15 minutes",
    60: "Every hour",
    360: "Every 6 hours",
    1440: "Once a day",
}
POLICIES: Sequence[tuple[str, str]] = (
    ("ask", "Ask me under Review"),
    ("newest", "Take the newer one"),
    ("vault", "Keep mine, in the vault"),
    ("vendor", "Take theirs"),
    ("both", "Keep both"),
)

DONE: Mapping[str, str] = {
    "taken": "taken in",
    "suggested": "waiting for your word under Review",
    "sent": "sent",
    "accepted there": "accepted there, not shown there yet",
    "deleted there": "deleted there",
    "forgotten": "forgotten here",
    "settled": "the same on both sides",
    "kept both": "kept in both versions",
    "undecided": "changed on both sides, waiting for you",
    "taken back": "taken back from there",
    "left here": "only here, not sent",
    "left there": "only there, not taken in",
    "changed meanwhile": "changed while it ran, left for the next run",
    "skipped": "skipped",
    "gone": "gone from there",
    "asked": "asked to be deleted",
    "still there": "still there",
    "cannot check": "that cannot be checked",
}
"""What a run counted, in the order it is shown."""

WOULD: Mapping[str, str] = {
    "take new": "would be taken in",
    "take change": "would be changed here, as they were there",
    "take back": "were forgotten here but changed there, and would come back",
    "forget": "would be forgotten here, as they were deleted there",
    "conflict": "were changed on both sides",
    "send new": "would be sent there",
    "send change": "would be changed there, as they were here",
    "send again": "were deleted there but changed here, and would be sent again",
    "delete": "would be deleted there, as they were forgotten here",
    "withdraw": "would be taken back from there, since it may no longer see them",
    "settle": "are the same on both sides",
    "alias": "say there what another entry says already",
    "drop": "are gone on both sides",
    "wait": "wait to be shown there",
    "skipped": "would be skipped, or held back",
}
"""What a preview counted, in the order it is shown."""

OUTCOMES: Mapping[str, str] = {
    "done": "Done",
    "guarded": "Held back",
    "refused": "Sign-in refused",
    "rate limited": "Asked to slow down",
    "unavailable": "Could not be reached",
    "bad response": "Answered what it should not",
    "stopped": "Stopped half-way, goes on",
    "interrupted": "Broke off",
    "still there": "Not all is gone yet",
    "failed": "Failed",
}
RUNS: Mapping[str, str] = {"sync": "Run", "preview": "Preview", "retract": "Taking back"}
STAGES: Mapping[str, str] = {
    "waiting": "Waiting for the server to begin",
    "applying": "Bringing both sides in step",
    "": "Looking at both sides",
}
RECEIPTS: Mapping[str, str] = {
    "gone": "Gone. It was deleted there, and a listing made afterwards does not show it any more.",
    "asked": "Asked. It is to be deleted there; nothing has confirmed that yet.",
    "still there": "Still there. It is tried again, for two weeks.",
    "cannot check": "Cannot check. Nobody could be asked for two weeks: look there by hand.",
}
"""What a receipt says, by its state, in the order shown."""


def counted(counts: Mapping[str, int], *, preview: bool = False) -> list[tuple[int, str]]:
    """Each count with its words; what is not known by name is shown as it is."""
    words = WOULD if preview else DONE
    known = [(counts[key], words[key]) for key in words if counts.get(key)]
    return known + [(count, key) for key, count in counts.items() if count and key not in words]
