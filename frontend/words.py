"""What people read for what the vault calls by a code: kinds, actions, sources."""

from collections.abc import Mapping

KIND_NAMES: Mapping[str, str] = {
    "profile": "About me",
    "preference": "Preference",
    "fact": "Fact",
    "instruction": "Instruction",
    "skill": "Skill",
    "event": "Event",
    "episode": "Conversation",
    "document": "Document",
}
KIND_HELP: Mapping[str, str] = {
    "fact": "something that is so",
    "preference": "how I like things",
    "profile": "who I am",
    "instruction": "how an assistant should behave",
    "skill": "a prompt or a way of working",
    "event": "something that happened or will",
    "document": "a longer text",
}
"""The kinds a person can write by hand, in the order of how often they are meant."""

ACTIONS: Mapping[str, str] = {
    "search": "Searched",
    "context": "Asked for context",
    "read": "Opened",
    "listed": "Listed",
    "remembered": "Added",
    "revised": "Changed",
    "forgot": "Forgot",
    "suggested": "Suggested",
    "imported": "Imported",
    "granted": "Gave access",
    "revoked": "Took access back",
}
"""What a line of the access log says was done."""

READS = frozenset({"search", "context", "read", "listed"})
"""The actions that let a grantee see memories."""

FOUND_NAMES: Mapping[str, str] = {
    "conversations": "conversations",
    "turns": "messages in them",
    "memories": "saved memories",
    "instructions": "instructions",
    "documents": "documents",
    "known": "already in your vault",
    "skipped": "left out, as you told the vendor not to use them",
    "unreadable": "could not be read",
}
"""What an import counted, in the order it is shown."""
