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
    "connected": "Let an app sign in",
    "changed": "Changed access",
    "paused": "Paused access",
    "resumed": "Resumed access",
    "revoked": "Took access back",
    "rotated": "Changed a collection's key",
    "deleted": "Deleted a collection",
    "embedder": "Chose another search model",
    "distilled": "Distilled conversations",
    "indexed": "Had a collection indexed",
    "sealed": "Had a collection sealed again",
    "kept": "Changed how long this log is kept",
    "cut": "Deleted old lines of this log",
    "begun anew": "Began this log anew",
    "accepted": "Accepted an earlier state of the vault",
    "exported": "Made an archive of everything",
    "handed off": "Took memories along",
    "downloaded": "Downloaded an archive of everything",
    "restored": "Restored the vault from an archive",
    "passkey added": "Added a passkey",
    "passkey removed": "Removed a passkey",
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

DISTILLED: Mapping[str, str] = {
    "turns": "turns read",
    "proposed": "proposals for you to review",
    "flagged": "of them give orders: look at them twice",
    "known": "left out: your vault holds them",
    "before": "left out: they were proposed before",
    "invented": "left out: they name lines that are not there",
    "not said": "left out: only the assistant said so",
    "not asked": "left out: instructions you did not give in these words",
    "secret": "left out: a password, key or number",
    "too many": "left out: too many of one conversation",
    "unreadable": "conversations of which the answer could not be read: a later run tries again",
    "recalled": "lines not sent: they came from your vault",
    "shortened": "long turns of which only the beginning was sent",
}
"""What a run of distilling counted, in the order it is shown."""

MATTER_NAMES: Mapping[str, str] = {
    "credentials": "Passwords, keys and codes",
    "identity": "Identity numbers",
    "sexuality": "Sexuality and relationships",
    "beliefs": "Religion and politics",
    "health": "Health",
    "money": "Money matters",
}
"""The sensitive matters, as sorting finds them."""

REVIEW_NAMES: Mapping[str, str] = {
    "": "All",
    "suggestion": "Suggestions",
    "held": "Held back",
    "disagreement": "Disagreements",
    "duplicate": "Likely duplicates",
}
"""The parts of the review page, in its order."""

HELD_REASONS: Mapping[str, str] = {
    "new_source": "You have let in nothing of this app yet.",
    "overrides": "It tells a model to set aside what it was told before.",
    "poses": "It is marked up to pass for the system or for another speaker.",
    "sends": "It asks a model to send what you say or have remembered somewhere.",
    "beacon": "It holds an image or code that would call a server when it is shown.",
    "hidden": "It hides letters that you cannot see and a model can read.",
    "encoded": "Its real words are encoded, so that you cannot read them.",
    "secretive": "It asks a model to keep something from you.",
    "orders": "It gives a model orders, as if they were yours.",
    "altered": "It was altered in the database: its kind, dates and whose it is may be made up.",
}
"""Why a memory is held, by the code that the vault keeps."""

KEEPER_REASONS: Mapping[str, str] = {
    "pinned": "you pinned it",
    "confirmed": "you wrote or confirmed it",
    "sources": "it was seen in more places",
    "newer": "it is newer",
    "longer": "it says more",
}
"""Why one of two is suggested to be kept."""
