"""Connections: an account at a remote, what is paired with it, and what happened.

Credentials, the names of entries at the vendor and cursors are sealed under the connection's key;
no words of a memory are kept here.
"""

from django.db import models

from sync.models.leased import Leased
from vault.models import TenantModel


class Connection(Leased, TenantModel):
    """One account at one remote. Its name and what it may see and add are its grant's.

    `sealed` holds options and account. See `vault.granting.connecting` for the three slots.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        SIGN_IN = "needs sign-in"
        FAILING = "failing"
        BLOCKED = "blocked"
        RETRACTING = "retracting"
        GONE = "gone"

    connector = models.CharField(max_length=60)
    grant_id = models.UUIDField()
    grant_version = models.PositiveIntegerField(default=1)
    """Of the grant that the last run saw; another one, and everything is looked at again."""
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    owner_slot = models.BinaryField()
    server_slot = models.BinaryField(null=True)
    run_slot = models.BinaryField(null=True)
    run_day = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    account_mark = models.BinaryField(default=bytes)
    into_id = models.UUIDField(null=True)
    """Where new entries go; None: nothing is brought in."""
    kinds = models.JSONField(default=list)
    """What is sent."""
    policy = models.CharField(max_length=8, default="ask")
    every = models.PositiveIntegerField(default=60)
    """Minutes between runs; 0: only when its owner says so."""
    next_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)
    """What went wrong, and what to do."""
    guard = models.JSONField(default=dict)
    waived = models.JSONField(default=dict)
    """Guards that its owner waived for the next run, each with the counts they were told."""
    cursor = models.BinaryField(null=True)
    seq = models.BigIntegerField(default=0)
    """The vault's changes up to this one have been looked at."""
    full_at = models.DateTimeField(null=True)
    """When all of it was listed last."""
    keep_there = models.BooleanField(default=False)
    """When it is disconnected: what was sent stays at the vendor."""
    stage = models.CharField(max_length=16, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    notice_mark = models.BinaryField(null=True)
    """A keyed fingerprint of the address at which its vendor may call; None: it may not."""
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["vault", "next_at"], name="connection_due"),
            models.Index(fields=["vault", "notice_mark"], name="connection_notice"),
        ]


class Link(TenantModel):
    """A memory and its entry there, and what each side was after the last run.

    `sealed` holds the entry's name, etag and key, and the marks of both sides.
    """

    connection_id = models.UUIDField()
    memory_id = models.UUIDField(null=True)
    collection_id = models.UUIDField(null=True)
    remote_mark = models.BinaryField(null=True)
    """A keyed fingerprint of the entry's name, to find the link by it."""
    by_us = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    """The memory's, when both sides last agreed."""
    version = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    turns = models.JSONField(default=list)
    """When the remote rewrote it, lately: seconds since 1970."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "connection_id", "remote_mark"], name="link_entry"
            ),
            models.UniqueConstraint(
                fields=["vault", "connection_id", "memory_id"], name="link_memory"
            ),
        ]


class Run(TenantModel):
    """One run of a connection: what was done, what was left and why. `skipped` has sentences."""

    class Kind(models.TextChoices):
        SYNC = "sync"
        PREVIEW = "preview"
        RETRACT = "retract"

    connection_id = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SYNC)
    outcome = models.CharField(max_length=16, blank=True)
    """"done", or the kind of error; empty while it runs. Of one whose worker died the next makes it
    "interrupted"; when it ended stays unknown."""
    said = models.CharField(max_length=300, blank=True)
    full = models.BooleanField(default=True)
    counts = models.JSONField(default=dict)
    skipped = models.JSONField(default=list)
    requests = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["vault", "connection_id", "-started_at"], name="run_newest")
        ]


class Conflict(TenantModel):
    """Both sides changed one memory: theirs waits as a suggestion for the owner's word."""

    connection_id = models.UUIDField()
    link_id = models.UUIDField()
    memory_id = models.UUIDField()
    suggestion_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    """Of the memory, when both sides last agreed."""
    theirs = models.BinaryField()
    """The mark of their version."""
    reason = models.CharField(max_length=16, default="both changed")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault", "link_id"], name="conflict_link"),
        ]


class Receipt(TenantModel):
    """One entry that was to be taken back from a vendor. `sealed` holds its name there until it is
    gone, under the connection's key."""

    class State(models.TextChoices):
        ASKED = "asked"
        GONE = "gone"
        THERE = "still there"
        UNKNOWN = "cannot check"

    connection_id = models.UUIDField()
    memory_id = models.UUIDField(null=True)
    collection_id = models.UUIDField(null=True)
    state = models.CharField(max_length=16, choices=State, default=State.ASKED)
    said = models.CharField(max_length=300, blank=True)
    remote_mark = models.BinaryField()
    sealed = models.BinaryField(null=True)
    asked_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault", "connection_id", "remote_mark"], name="receipt_entry"
            ),
        ]
