"""Eight threads, an owner and a worker at one vault at once: recall, remember, revise, revoke,
rotate, rename. No answer but the right ones, nothing served after a revoke, nothing lost that was
remembered and nothing there twice, and nothing that went wrong after a commit or in the worker.

Two minutes of it, with its counts:
`SATCHEL_FULL=1 python3 manage.py test --fast tests/vault/test_hammer.py -s`.
"""

import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from logging import ERROR
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from sync.upkeep import resealing
from tests.people import Person, let_something_in, new_person
from tests.stack import Worker
from vault import collections, memories
from vault.access import Access, open_token
from vault.errors import KeyChanged, Locked
from vault.granting import grants
from vault.integrity import manifests
from vault.keys import rotation
from vault.keys.vaultkey import OwnerKey
from vault.models import Memory
from vault.recalling import recall
from vault.records import open_content
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Right

FULL = os.environ.get("SATCHEL_FULL") == "1"
SECONDS = 120 if FULL else 6
THREADS = 8
HOMES = ("Work", "Family")
ACTS = ("search", "context", "remember", "again", "revise")
WORDS = tuple(f"The tide is {number} feet high." for number in range(3))
"""What is told again and again: in each collection it must stand once."""


@dataclass
class Token:
    """`revoking` is set before the revoke and `revoked_at` after it: what starts later fails."""

    grant_id: UUID
    words: str
    revoking: bool = False
    revoked_at: float = float("inf")


@dataclass
class Tally:
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    late: Counter[str] = field(default_factory=Counter)
    told: set[tuple[UUID, str]] = field(default_factory=set)
    to_refusal: list[float] = field(default_factory=list)


class App(threading.Thread):
    """Opens a token for each request, as a web thread does, and asks or tells."""

    def __init__(self, home: UUID, tokens: list[Token], tally: Tally, until: float) -> None:
        super().__init__()
        self.home, self.tokens, self.tally, self.until = home, tokens, tally, until
        self.mine: list[UUID] = []

    def run(self) -> None:
        while time.monotonic() < self.until:
            self.one(random.choice(self.tokens[-6:]), random.choice(ACTS))
        connections.close_all()

    def one(self, token: Token, act: str) -> None:
        late = time.monotonic() > token.revoked_at
        try:
            self.request(token.words, act)
            outcome = "done"
        except (Locked, KeyChanged) as refusal:
            outcome = type(refusal).__name__
        except Exception as error:
            outcome = repr(error)
            self.tally.wrong.append(f"{act}: {error!r}")
        self.tally.answers[act, outcome] += 1
        self.tally.late[act] += late
        if late and outcome != "Locked":
            self.tally.wrong.append(f"{act} after the revoke: {outcome}")
        if outcome == "Locked" and not token.revoking:
            self.tally.wrong.append(f"{act}: a token that works was refused")

    def request(self, words: str, act: str) -> None:
        access = open_token(words)
        if act == "remember":
            text = f"The sea at {time.monotonic()}, wave {random.random()}"
            self.mine.append(memories.remember(access, self.home, Draft(text)).id)
        elif act == "again":
            text = random.choice(WORDS)
            memories.remember(access, self.home, Draft(text))
            self.tally.told.add((self.home, text))
        elif act == "revise":
            self.revise(access)
        elif act == "search":
            assert recall.search(access, "the sea and the bees")
        else:
            assert "bees" in recall.context(access, query="what do the bees know?").text

    def revise(self, access: Access) -> None:
        """A memory of this thread, so that nobody else changes it."""
        if self.mine:
            text = f"The sea was calm at {time.monotonic()}, wave {random.random()}"
            memories.revise(access, random.choice(self.mine), text=text)


class Owner:
    """Makes tokens, takes them back, changes keys."""

    def __init__(self) -> None:
        self.person: Person = new_person()
        self.key: OwnerKey = self.person.owner_key
        self.homes = [self.person.collection(name) for name in HOMES]
        for number in range(20):
            text = f"The bees know fact {number}."
            memories.remember(self.person.access, self.homes[number % 2], Draft(text))

    def gives(self) -> Token:
        grant, words = grants.create_token(
            self.person.access,
            self.key,
            name="Hammer",
            rights=dict.fromkeys(self.homes, Right(see=True, add="yes")),
            expires_at=timezone.now() + timedelta(days=1),
        )
        let_something_in(self.person.vault_id, grant)
        return Token(grant.id, words)

    def takes(self, token: Token) -> float:
        """Seconds from the click until the token is refused."""
        clicked, token.revoking = time.monotonic(), True
        grants.revoke(self.person.access, token.grant_id)
        token.revoked_at = time.monotonic()
        with pytest.raises(Locked):
            open_token(token.words)
        return time.monotonic() - clicked

    def changes_key(self, home: UUID) -> None:
        rotation.rotate(self.person.access, self.key, home)
        resealing.start(self.person.access)

    def renames(self, number: int) -> None:
        home = self.homes[number % 2]
        collections.rename(self.person.access, home, name=f"{HOMES[number % 2]} {number}")

    def finds_everything(self, remembered: int, told: set[tuple[UUID, str]]) -> None:
        """In the end everything is there once, under the newest keys alone."""
        access, deadline = self.person.access, time.monotonic() + 60
        resealing.start(access)
        while time.monotonic() < deadline and self.old_keys():
            time.sleep(0.2)
        assert not self.old_keys()
        there = Counter((home, text) for home in self.homes for text in self.texts(home))
        assert [words for words, count in there.items() if count > 1] == []
        assert {place for place in there if place[1] in WORDS} == told
        assert len(there) == 20 + remembered + len(told)
        assert sum(manifests.check(access, home) for home in self.homes) == there.total()
        sealed.close(access.vault_id)
        assert recall.search(access, "bees")

    def texts(self, home: UUID) -> list[str]:
        access = self.person.access
        with vault_scope(access.vault_id):
            rows = Memory.objects.filter(vault_id=access.vault_id, collection_id=home)
            kept = rows.filter(forgotten_at=None).exclude(sealed=b"")
            return [open_content(access.keyring, row).text for row in kept]

    def old_keys(self) -> list[tuple[UUID, int]]:
        with vault_scope(self.person.vault_id):
            return rotation.with_old_keys(self.person.access)


@pytest.mark.timeout(90 + 3 * SECONDS)
def test_hammered_it_answers_rightly_or_refuses(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    ana, tally, rotations = Owner(), Tally(), 0
    tokens = [ana.gives() for _ in range(6)]
    began, said = time.monotonic(), len(worker.log)
    until = began + SECONDS
    apps = [App(ana.homes[n % 2], tokens, tally, until) for n in range(THREADS)]
    for app in apps:
        app.start()
    while time.monotonic() < until:
        time.sleep(0.5)
        live = [token for token in tokens[-4:] if not token.revoking]
        tally.to_refusal.append(ana.takes(random.choice(live)))
        tokens.append(ana.gives())
        ana.renames(len(tokens))
        if time.monotonic() - began > rotations * 3:
            ana.changes_key(ana.homes[rotations % 2])
            rotations += 1
    for app in apps:
        app.join()
    report(tally, rotations)
    assert not tally.wrong, tally.wrong[:5]
    assert all(tally.answers[act, "done"] and tally.late[act] for act in ACTS)
    for token in tokens:
        if token.revoking:
            with pytest.raises(Locked):
                open_token(token.words)
    ana.finds_everything(tally.answers["remember", "done"], tally.told)
    # What fails after a commit is caught and logged, in the worker too: it shows there alone.
    assert [record.getMessage() for record in caplog.records if record.levelno >= ERROR] == []
    assert "ERROR" not in worker.log[said:], worker.log[-3000:]


def report(tally: Tally, rotations: int) -> None:
    median = sorted(tally.to_refusal)[len(tally.to_refusal) // 2]
    revokes, late = len(tally.to_refusal), sum(tally.late.values())
    print(f"\n{sum(tally.answers.values())} answers in {SECONDS} s, {rotations} rotations,")
    print(f"{revokes} revokes, {late} requests begun after one, all refused:")
    print(", ".join(f"{act} {what}: {n}" for (act, what), n in sorted(tally.answers.items())))
    print(f"from the click to the refusal: {median * 1000:.0f} ms in the median")
