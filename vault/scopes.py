"""What an app may ask for: a ceiling on what the owner grants it, collection by collection."""

from typing import Final

SEE, SUGGEST, ADD, OFFLINE = "memory.read", "memory.suggest", "memory.write", "offline_access"
SCOPES: Final = {
    SEE: "See memories in the collections you choose",
    SUGGEST: "Suggest memories, which wait until you accept them",
    ADD: "Add and change memories where you allow it",
    OFFLINE: "Stay connected until you take it back",
}
