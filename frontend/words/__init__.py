"""What people read for what the vault calls by a code: kinds, actions, sources."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str

KIND_NAMES: Mapping[str, Words] = {
    "profile": _("About me"),
    "preference": _("Preference"),
    "fact": _("Fact"),
    "instruction": _("Instruction"),
    "skill": _("Skill"),
    "event": _("Event"),
    "episode": _("Conversation"),
    "document": _("Document"),
}
KIND_HELP: Mapping[str, Words] = {
    "fact": _("something that is so"),
    "preference": _("how I like things"),
    "profile": _("who I am"),
    "instruction": _("how an assistant should behave"),
    "skill": _("a prompt or a way of working"),
    "event": _("something that happened or will"),
    "document": _("a longer text"),
}
"""The kinds a person can write by hand, in the order of how often they are meant."""

ACTIONS: Mapping[str, Words] = {
    "search": _("Searched"),
    "context": _("Asked for context"),
    "read": _("Opened"),
    "listed": _("Listed"),
    "remembered": _("Added"),
    "revised": _("Changed"),
    "forgot": pgettext_lazy("log", "Forgot"),
    "suggested": _("Suggested"),
    "imported": _("Imported"),
    "sent": pgettext_lazy("log", "Sent to a memory service"),
    "granted": _("Gave access"),
    "connected": _("Let an app sign in"),
    "changed": _("Changed access"),
    "paused": _("Paused access"),
    "resumed": _("Resumed access"),
    "revoked": _("Took access back"),
    "rotated": _("Changed a collection's key"),
    "deleted": _("Deleted a collection"),
    "embedder": _("Chose another search model"),
    "distilled": _("Distilled conversations"),
    "indexed": _("Had a collection indexed"),
    "sealed": _("Had a collection sealed again"),
    "kept": _("Changed how long this log is kept"),
    "cut": _("Deleted old lines of this log"),
    "begun anew": _("Began this log anew"),
    "accepted": _("Accepted an earlier state of the vault"),
    "exported": _("Made an archive of everything"),
    "handed off": _("Took memories along"),
    "downloaded": _("Downloaded an archive of everything"),
    "restored": _("Restored the vault from an archive"),
    "passkey added": _("Added a passkey"),
    "passkey removed": _("Removed a passkey"),
    "address changed": _("Changed the account's e-mail address"),
}
"""What a line of the access log says was done."""

READS = frozenset({"search", "context", "read", "listed"})
"""The actions that let a grantee see memories."""

DISTILLED: Mapping[str, Words] = {
    "turns": _("turns read"),
    "proposed": _("proposals for you to review"),
    "flagged": _("of them give orders: look at them twice"),
    "known": _("left out: your vault holds them"),
    "before": _("left out: they were proposed before"),
    "invented": _("left out: they name lines that are not there"),
    "not said": _("left out: only the assistant said so"),
    "not asked": _("left out: instructions you did not give in these words"),
    "secret": _("left out: a password, key or number"),
    "too many": _("left out: too many of one conversation"),
    "unreadable": _("conversations of which the answer could not be read: a later run tries again"),
    "recalled": _("lines not sent: they came from your vault"),
    "shortened": _("long turns of which only the beginning was sent"),
}
"""What a run of distilling counted, in the order it is shown."""

MATTER_NAMES: Mapping[str, Words] = {
    "credentials": _("Passwords, keys and codes"),
    "identity": _("Identity numbers"),
    "sexuality": _("Sexuality and relationships"),
    "beliefs": _("Religion and politics"),
    "health": _("Health"),
    "money": _("Money matters"),
}
"""The sensitive matters, as sorting finds them."""

REVIEW_NAMES: Mapping[str, Words] = {
    "": _("All"),
    "suggestion": _("Suggestions"),
    "held": pgettext_lazy("memories", "Held back"),
    "disagreement": _("Disagreements"),
    "duplicate": _("Likely duplicates"),
}
"""The parts of the review page, in its order."""

HELD_REASONS: Mapping[str, Words] = {
    "new_source": _("You have let in nothing of this app yet."),
    "overrides": _("It tells a model to set aside what it was told before."),
    "poses": _("It is marked up to pass for the system or for another speaker."),
    "sends": _("It asks a model to send what you say or have remembered somewhere."),
    "beacon": _("It holds an image or code that would call a server when it is shown."),
    "hidden": _("It hides letters that you cannot see and a model can read."),
    "encoded": _("Its real words are encoded, so that you cannot read them."),
    "secretive": _("It asks a model to keep something from you."),
    "orders": _("It gives a model orders, as if they were yours."),
    "altered": _("It was altered in the database: its kind, dates and whose it is may be made up."),
}
"""Why a memory is held, by the code that the vault keeps."""

KEEPER_REASONS: Mapping[str, Words] = {
    "pinned": _("you pinned it"),
    "confirmed": _("you wrote or confirmed it"),
    "sources": _("it was seen in more places"),
    "newer": _("it is newer"),
    "longer": _("it says more"),
}
"""Why one of two is suggested to be kept."""
