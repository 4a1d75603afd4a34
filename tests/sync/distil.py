"""Conversations to distil, and runs of distilling, as tests need them."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sync.distilling import model, runs, work
from sync.distilling.types import Run
from tests.chat_api import ChatApi
from tests.people import Person
from vault import bulk
from vault.reviewing import suggestions
from vault.talks import Wanted
from vault.types import Draft, SourceDraft, Suggestion


class Tokens(list[tuple[UUID, str]]):
    """Stands for the broker: keeps the runs and job tokens it is given."""

    def __call__(self, run_id: UUID, token: str) -> None:
        self.append((run_id, token))


def talk(
    person: Person,
    name: str,
    *turns: str,
    home: str = "Personal",
    vendor: str = "openai",
    roles: Sequence[str] = ("user", "assistant"),
    import_id: UUID | None = None,
    **more: Any,
) -> None:
    """A conversation, the person and the assistant in turn. Told again with more, it grows."""
    drafts = []
    for number, text in enumerate(turns):
        source = SourceDraft(
            vendor=vendor,
            key=f"turn:{name}:{number}",
            conversation_id=name,
            conversation_title=f"About {name}",
            message_id=f"{name}-{number}",
            import_id=import_id,
        )
        draft = Draft(
            text,
            "episode",
            role=roles[number % len(roles)],
            conversation=f"{vendor}\0{name}",
            position=number,
            source=source,
            **more,
        )
        drafts.append((person.collection(home), draft))
    bulk.remember_many(person.access, drafts)


def wanted(person: Person, *homes: str, **more: Any) -> Wanted:
    return Wanted([person.collection(home) for home in homes or ("Personal",)], **more)


def begin(person: Person, api: ChatApi, *homes: str, most: int = 100, **more: Any) -> Run:
    """With the model saved if it was not; nobody works at it."""
    if model.get(person.access) is None:
        model.save(person.access, api.choice())
    filters = {name: more.pop(name) for name in ("vendor", "since", "import_id") if name in more}
    meant = wanted(person, *homes, **filters)
    return runs.begin(person.access, meant, most=most, **{"start": Tokens(), **more})


def distil(person: Person, api: ChatApi, *homes: str, **more: Any) -> Run:
    """To its end, or to where only its owner can go on, in this process."""
    tokens = Tokens()
    begun = begin(person, api, *homes, start=tokens, **more)
    return go_on(person, begun.id, tokens)


def go_on(person: Person, run_id: UUID, tokens: Tokens, turns: int = 60) -> Run:
    _, token = tokens[-1]
    for _ in range(turns):
        again = work.run(run_id, token)
        if again is None:
            return runs.get(person.access, run_id)
        time.sleep(min(again.wait, 1.5))
    raise AssertionError(f"it goes on and on: {runs.get(person.access, run_id)}")


def resume(person: Person, run_id: UUID) -> Run:
    tokens = Tokens()
    runs.resume(person.access, run_id, start=tokens)
    return go_on(person, run_id, tokens)


def proposals(person: Person) -> list[Suggestion]:
    return suggestions.listing(person.access)


def words(person: Person) -> list[str]:
    return [one.text for one in proposals(person)]


def wait_until(
    person: Person, run_id: UUID, enough: Callable[[Run], bool], seconds: float = 60.0
) -> Run:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = runs.get(person.access, run_id)
        if enough(run):
            return run
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s: {run}")
