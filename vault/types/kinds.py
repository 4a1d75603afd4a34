"""What there are few of: kinds of memories, grants and askers, and states."""

from typing import Literal

Kind = Literal[
    "profile", "preference", "fact", "instruction", "skill", "event", "episode", "document"
]
KINDS: tuple[Kind, ...] = (
    "profile",
    "preference",
    "fact",
    "instruction",
    "skill",
    "event",
    "episode",
    "document",
)
Add = Literal["no", "ask", "yes"]
AskerKind = Literal["owner", "token", "job"]
GrantKind = Literal["token", "app", "connection", "model"]
GrantState = Literal["active", "paused", "expired", "revoked"]
Related = Literal["merged", "merged into", "split", "split from"]
ActState = Literal["running", "done", "undoing", "undone"]
SuggestedAction = Literal["remember", "revise", "forget"]
