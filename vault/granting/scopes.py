"""What an app may ask for: a ceiling on what the owner grants it, collection by collection."""

from typing import Final

from vault.marked import gettext_noop

SEE, SUGGEST, ADD, OFFLINE = "memory.read", "memory.suggest", "memory.write", "offline_access"
SCOPES: Final = {
    SEE: gettext_noop("See memories in the collections you choose"),
    SUGGEST: gettext_noop("Suggest memories, which wait until you accept them"),
    ADD: gettext_noop("Add and change memories where you allow it"),
    OFFLINE: gettext_noop("Stay connected until you take it back"),
}
