"""Eight threads, an owner and a worker at one vault at once: recall, remember, revoke, rotate. No
answer but the right ones, and nothing served after a revoke.

Two minutes of it: `SATCHEL_FULL=1 python3 manage.py test --fast tests/vault/test_hammer.py`.
"""

import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from sync import resealing
from tests.people import Person, let_something_in, new_person
from tests.stack import Worker
from vault import grants, manifests, memories, recall, rotation
from vault.access import open_token
from vault.errors import KeyChanged, Locked
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Right
from vault.vaultkey import OwnerKey

SECONDS = 120 if os.environ.get("SATCHEL_FULL") == "1" else 6
THREADS = 8
HOMES = ("Work", "Family")
ACTS = ("search", "context", "remember")


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
    to_refusal: list[float] = field(default_factory=list)


class App(threading.Thread):
    """Opens a token for each request, as a web thread does, and asks or tells."""

    def __init__(self, home: UUID, tokens: list[Token], tally: Tally, until: float) -> None:
        super().__init__()
        self.home, self.tokens, self.tally, self.until = home, tokens, tally, until

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
        if late and outcome != "Locked":
            self.tally.wrong.append(f"{act} after the revoke: {outcome}")
        if outcome == "Locked" and not token.revoking:
            self.tally.wrong.append(f"{act}: a token that works was refused")

    def request(self, words: str, act: str) -> None:
        access = open_token(words)
        if act == "remember":
            text = f"The sea at {time.monotonic()}, wave {random.random()}"
            memories.remember(access, self.home, Draft(text))
        elif act == "search":
            assert recall.search(access, "the sea and the bees")
        else:
            assert "bees" in recall.context(access, query="what do the bees know?").text


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

    def finds_everything(self) -> None:
        """In the end everything is there, under the newest keys alone."""
        access, deadline = self.person.access, time.monotonic() + 60
        resealing.start(access)
        while time.monotonic() < deadline and self.old_keys():
            time.sleep(0.2)
        assert not self.old_keys()
        assert sum(manifests.check(access, home) for home in self.homes) > 20
        sealed.close(access.vault_id)
        assert recall.search(access, "bees")

    def old_keys(self) -> list[tuple[UUID, int]]:
        with vault_scope(self.person.vault_id):
            return rotation.with_old_keys(self.person.access)


@pytest.mark.timeout(90 + 3 * SECONDS)
def test_hammered_it_answers_rightly_or_refuses(worker: Worker) -> None:
    ana, tally, rotations = Owner(), Tally(), 0
    tokens = [ana.gives() for _ in range(6)]
    began = time.monotonic()
    until = began + SECONDS
    apps = [App(ana.homes[n % 2], tokens, tally, until) for n in range(THREADS)]
    for app in apps:
        app.start()
    while time.monotonic() < until:
        time.sleep(0.5)
        tally.to_refusal.append(ana.takes(random.choice(tokens[-4:])))
        tokens.append(ana.gives())
        if time.monotonic() - began > rotations * 3:
            ana.changes_key(ana.homes[rotations % 2])
            rotations += 1
    for app in apps:
        app.join()
    report(tally, rotations)
    assert not tally.wrong, tally.wrong[:5]
    assert all(tally.answers[act, "done"] for act in ACTS)
    ana.finds_everything()


def report(tally: Tally, rotations: int) -> None:
    median = sorted(tally.to_refusal)[len(tally.to_refusal) // 2]
    print(f"\n{sum(tally.answers.values())} answers in {SECONDS} s, {rotations} rotations:")
    print(", ".join(f"{act} {what}: {n}" for (act, what), n in sorted(tally.answers.items())))
    print(f"from the click to the refusal: {median * 1000:.0f} ms in the median")
