"""Tables: ciphertext, ids and times. No logic here."""

from vault.models.access_log import LogEntry, LogHead
from vault.models.acts import Act, ActPart
from vault.models.base import ShieldTable, TenantModel
from vault.models.grants import Grant, GrantKey, GrantRight, GrantSlot, Suggestion, Told
from vault.models.keys import CollectionKey, JobSlot, KeySlot, SessionSlot
from vault.models.memories import (
    Collection,
    Manifest,
    Memory,
    Revision,
    Segment,
    Shelf,
    Source,
    TurnedVector,
    Vector,
)
from vault.models.review import Pair, SavedView, SortingRule
from vault.models.vaults import Vault

__all__ = [
    "Act",
    "ActPart",
    "Collection",
    "CollectionKey",
    "Grant",
    "GrantKey",
    "GrantRight",
    "GrantSlot",
    "JobSlot",
    "KeySlot",
    "LogEntry",
    "LogHead",
    "Manifest",
    "Memory",
    "Pair",
    "Revision",
    "SavedView",
    "Segment",
    "SessionSlot",
    "Shelf",
    "ShieldTable",
    "SortingRule",
    "Source",
    "Suggestion",
    "TenantModel",
    "Told",
    "TurnedVector",
    "Vault",
    "Vector",
]
