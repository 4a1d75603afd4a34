"""Tables: ciphertext, ids and times. No logic here."""

from vault.models.access_log import LogEntry, LogHead
from vault.models.base import ShieldTable, TenantModel
from vault.models.grants import Grant, GrantRight, GrantSlot, Suggestion
from vault.models.keys import CollectionKey, JobSlot, KeySlot, SessionSlot
from vault.models.memories import Collection, Memory, Revision, Segment, Source, Vector
from vault.models.vaults import Vault

__all__ = [
    "Collection",
    "CollectionKey",
    "Grant",
    "GrantRight",
    "GrantSlot",
    "JobSlot",
    "KeySlot",
    "LogEntry",
    "LogHead",
    "Memory",
    "Revision",
    "Segment",
    "SessionSlot",
    "ShieldTable",
    "Source",
    "Suggestion",
    "TenantModel",
    "Vault",
    "Vector",
]
