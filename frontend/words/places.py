"""Where one can go and what one can do from anywhere: the lines of "Go to, or do"."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """A page by the name of its address. `also`: what else people call it; `key`: the one after
    `g`; `post`: it is done at once, by a form."""

    name: str
    icon: str
    words: Words
    also: Words = ""
    key: str = ""
    post: bool = False
    end: str = ""
    """What follows the address."""


PAGES: Sequence[Place] = (
    Place("home", "house", _("Home"), _("start overview"), "h"),
    Place("memories", "library", _("Memories"), _("all list browse"), "m"),
    Place("review", "inbox", _("Review"), _("suggestions duplicates disagreements waiting"), "r"),
    Place("grants", "grid-3x3", _("Grants"), _("apps access rights who sees what tokens"), "g"),
    Place("connections", "rotate-ccw", _("Connections"), _("sync vendors accounts"), "c"),
    Place("activity", "activity", _("Activity"), _("access log reads who read what"), "a"),
    Place("import", "upload", _("Import"), _("bring in upload export file"), "i"),
    Place(
        "move", "arrow-right", _("Move to another model"), _("leave switch hand over take along")
    ),
    Place("settings", "settings", _("Settings"), _("preferences options collections"), "s"),
    Place("keys", "key-round", _("Sign-in and keys"), _("password passkeys sessions two-factor")),
    Place("data", "folder", _("Your data"), _("archive backup export download restore")),
    Place("sorting", "folder-input", _("Sorting"), _("rules collections tidy out of place")),
    Place("search-settings", "search", _("Search model"), _("embedder embeddings meaning")),
    Place("distilling-model", "pencil", _("Model for distilling"), _("conversations endpoint")),
    Place("checkup", "shield-check", _("Is everything there?"), _("check vault integrity repair")),
    Place("log-keep", "history", _("How long the log is kept"), _("access log days delete lines")),
)
AROUND: Sequence[Place] = (
    Place("map", "map", _("Map"), _("picture scatter meaning"), "p"),
    Place("timeline", "calendar-days", _("Timeline"), _("history when learnt")),
    Place("flow", "waypoints", _("Flow"), _("picture vendors models goes where")),
)
"""Pictures of the vault; only where their addresses are there."""

ACTS: Sequence[Place] = (
    Place("memory-new", "pencil", _("Write a memory"), _("new add remember note"), "n"),
    Place("import", "upload", _("Import an export"), _("upload file bring in")),
    Place("connect", "grid-3x3", _("Connect an app"), _("let in assistant model MCP")),
    Place("connection-choose", "rotate-ccw", _("Add a connection"), _("sync vendor account new")),
    Place("lock", "lock", _("Lock now"), _("close vault"), post=True),
    Place("grants-revoke-all", "ban", _("Stop all access"), _("revoke every app panic")),
    Place("grant-new", "key-round", _("Make a token"), _("API key script new grant")),
    Place("collection-new", "folder", _("Make a collection"), _("new group")),
    Place("distil", "pencil", _("Distil conversations"), _("propose memories from talks")),
    Place("data", "download", _("Export everything"), _("archive backup download take out")),
    Place("restore", "undo-2", _("Restore from an archive"), _("backup bring back")),
    Place(
        "memories",
        "undo-2",
        _("Restore something forgotten"),
        _("deleted bin trash undo"),
        end="?state=forgotten",
    ),
    Place("log-export", "history", _("Export the access log"), _("NDJSON download")),
    Place("account_change_password", "key-round", _("Change your password"), _("sign-in")),
    Place("address", "user", _("Change your e-mail address"), _("mail account sign-in")),
    Place("recovery", "printer", _("Make a new recovery kit"), _("code print emergency")),
    Place("passkey-new", "key-round", _("Add a passkey"), _("fingerprint face security key")),
    Place(
        "mfa_activate_totp",
        "shield-check",
        _("Switch the second step on"),
        _("two-factor authenticator code"),
    ),
    Place("settings", "sun", _("Light or dark"), _("theme appearance contrast"), end="#device"),
    Place(
        "settings",
        "languages",
        _("Choose a language"),
        _("English German French Spanish"),
        end="#language",
    ),
    Place("erase", "trash-2", _("Erase everything"), _("delete account vault destroy")),
    Place("account_logout", "log-out", _("Sign out"), _("log out leave")),
)
SHOWN_FIRST = 6
"""How many of the acts stand there before anything is typed."""

PAGES_FOUND = pgettext_lazy("pages of this site", "Go to")
ACTS_FOUND = pgettext_lazy("acts that can be chosen", "Do")
