"""Frozen values that leave the package. Times are aware UTC datetimes, ids are UUIDs."""

from vault.types.acts import Act, Relation
from vault.types.drafts import UNSET, Draft, SourceDraft, Unset
from vault.types.grants import Asker, Entry, Evidence, Grant, Right, Suggestion
from vault.types.kinds import (
    KINDS,
    ActState,
    Add,
    AskerKind,
    GrantKind,
    GrantState,
    Kind,
    Related,
    SuggestedAction,
)
from vault.types.memories import Counts, Memory, Outcome, Page, Revision, Source
from vault.types.recall import WORDS_ONLY, Context, Hit, Hits
from vault.types.vaults import Collection, NewVault, OpenSession

__all__ = [
    "KINDS",
    "UNSET",
    "WORDS_ONLY",
    "Act",
    "ActState",
    "Add",
    "Asker",
    "AskerKind",
    "Collection",
    "Context",
    "Counts",
    "Draft",
    "Entry",
    "Evidence",
    "Grant",
    "GrantKind",
    "GrantState",
    "Hit",
    "Hits",
    "Kind",
    "Memory",
    "NewVault",
    "OpenSession",
    "Outcome",
    "Page",
    "Related",
    "Relation",
    "Revision",
    "Right",
    "Source",
    "SourceDraft",
    "SuggestedAction",
    "Suggestion",
    "Unset",
]
