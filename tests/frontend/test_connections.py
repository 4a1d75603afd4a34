"""The pages of connections, driven by a browser without a script; the remote is one in memory."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from connectors.base.errors import AuthError, Unavailable
from connectors.base.live.options import secret, setting
from connectors.base.types import Capability
from frontend.presenters import connectioncards, connectionchoice
from sync import outbox
from sync.connections import connections, notices, runs, scheduling
from sync.engine import bridge
from sync.models import Connection as Row
from sync.models import Receipt
from sync.types import Import
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person, new_person, signed_in
from tests.sync.remotes import Place, Shelf, connected, nowhere, shelves
from tests.sync.remotes import run as run_here
from vault import memories
from vault.scope import vault_scope
from vault.types import Draft, Right

SECRET = "sk-not-a-real-key-0815"


@dataclass(frozen=True)
class Options:
    place: str = setting("Place", help="Which shelf.")
    key: str = secret("Key", default="", help="Under Settings, keys.")
    size: int = setting("Size", default=3)
    fast: bool = setting("Fast", default=True)


class Locked(Shelf):
    """A shelf with all sorts of options."""

    Options = Options  # type: ignore[assignment]
    quirks = ("It is dusty up there.",)


@dataclass
class World:
    """A person at the pages, with two shelves, and what was left for the worker."""

    person: Person
    client: Client
    places: dict[str, Place]
    left: list[tuple[Any, ...]] = field(default_factory=list)

    def work(self) -> int:
        """Do what a worker would: how many messages there were."""
        waiting, self.left[:] = list(self.left), []
        for vault, id, token, kind, resync in waiting:
            runs.run(UUID(vault), UUID(id), token, kind, resync=resync, transport=nowhere)
        return len(waiting)

    def get(self, path: str, **more: Any) -> str:
        answer = self.client.get(path, **more)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def post(self, path: str, **said: Any) -> str:
        return self.client.post(path, said, follow=True).content.decode()

    def form(self, **more: Any) -> dict[str, Any]:
        """What a person enters for a new connection."""
        home = self.person.collection("Personal")
        said = {
            "name": "My shelf",
            "option-place": "left",
            "option-key": SECRET,
            "option-size": "4",
            "option-fast": "on",
            f"see-{home}": "on",
            **{f"add-{one}": "no" for one in self._ids()},
            f"add-{home}": "yes",
            "into": str(home),
            "kinds": ["fact", "preference"],
            "policy": "ask",
            "every": "60",
            "background": "on",
            "password": PASSWORD,
        }
        said |= more
        return {name: value for name, value in said.items() if value is not None}

    def _ids(self) -> list[UUID]:
        from vault import collections

        return [one.id for one in collections.listing(self.person.access)]

    def add(self, **more: Any) -> UUID:
        answer = self.client.post("/connections/new/shelf/", self.form(**more))
        assert answer.status_code == 302, errors(answer.content.decode())
        found: str = answer.headers["Location"]
        return UUID(found.split("/")[2])


def errors(page: str) -> list[str]:
    found = re.findall(r'class="(?:error|notice notice-bad)"[^>]*>(.*?)</(?:p|div)>', page, re.S)
    return [words(one) for one in found]


def words(page: str) -> str:
    """What stands on a page, without its tags."""
    shown = re.sub(r"<head>.*?</head>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        places = stack.enter_context(shelves("left", "right"))
        known = {"shelf": Locked}
        for module in (connectioncards, connectionchoice, bridge):
            stack.enter_context(patch.object(module, "connectors", lambda: known))
        person = new_person()
        here = World(person, signed_in(person), places)

        def leave(task: object, *args: Any, wait: float = 0.0) -> bool:
            here.left.append(args)
            return True

        stack.enter_context(patch.object(outbox, "leave", leave))
        yield here


def test_none_yet_says_what_a_connection_is_and_the_truth_about_assistants(world: World) -> None:
    page = words(world.get("/connections/"))
    assert "Nothing is connected yet" in page
    for name in ("ChatGPT", "Claude", "Gemini", "Copilot", "Le Chat", "Grok"):
        assert name in page
    assert "Its archive cannot be imported yet." not in page
    assert "None was imported so far." in page


def test_an_old_archive_is_told_and_a_new_one_is_not() -> None:
    def told(days: int) -> connectionchoice.AppLine:
        at = timezone.now() - timedelta(days=days)
        blank = {one.name: None for one in fields(Import) if one.default is MISSING}
        known: dict[str, Any] = {**blank, "vendor": "openai", "state": "done", "finished_at": at}
        lines = connectionchoice.consumer_apps([Import(**known)])
        return next(line for line in lines if line.vendor == "openai")

    assert told(61).old and not told(59).old
    assert told(61).imported_at is not None and told(61).reads_archive


def test_adding_tries_it_first_shows_whose_it_is_and_runs(world: World) -> None:
    world.places["left"].put("Likes tea")
    world.places["left"].account = "ana@example.org"
    remember(world.person, "Lives in Delft")
    page = world.get("/connections/new/")
    assert "It is dusty up there." in page and "brings in, sends, edits, deletes" in page
    blank = world.get("/connections/new/shelf/")
    assert not re.search(r'name="see-[^"]*"[^>]*checked', blank), "nothing is ticked beforehand"
    assert re.search(r'type="password"[^>]*name="option-key"', blank)

    id = world.add()
    page = world.get(f"/connections/{id}/")
    assert "Waiting for the server to begin" in page and "ana@example.org" in page
    assert world.work() == 1
    page = words(world.get(f"/connections/{id}/"))
    assert "Up to date" in page and "Run: Done" in page
    assert "1 taken in" in page and "1 sent" in page
    assert world.places["left"].texts() == ["Likes tea", "Lives in Delft"]
    listed = words(world.get("/connections/"))
    assert "My shelf" in listed and "Up to date" in listed


def test_what_is_wrong_is_shown_where_it_is_and_nothing_is_kept(world: World) -> None:
    world.places["left"].error = AuthError("The key was refused.")
    page = world.post("/connections/new/shelf/", **world.form())
    assert errors(page) == ["The key was refused."]
    assert SECRET not in page, "a secret is never echoed"
    world.places["left"].error = None
    page = world.post("/connections/new/shelf/", **world.form(**{"option-place": ""}))
    assert errors(page) == ["This field is required."]
    work = str(world.person.collection("Work"))
    page = world.post("/connections/new/shelf/", **world.form(into=work))
    assert errors(page) == ["It may not add to the collection where new entries should go."]
    page = world.post("/connections/new/shelf/", **world.form(password="wrong one"))
    assert errors(page) == ["This is not your password. Check it and try again."]
    assert connections.listing(world.person.access) == []


def test_secrets_are_on_no_page(world: World) -> None:
    id = world.add()
    world.work()
    for end in ("", "settings/", "reconnect/", "end/", "resume/"):
        assert SECRET not in world.get(f"/connections/{id}/{end}")
    world.places["left"].error = AuthError("Refused.")
    sent = {"option-key": SECRET, "password": PASSWORD}
    assert SECRET not in world.post(f"/connections/{id}/reconnect/", **sent)
    assert SECRET not in world.get(f"/grants/{_grant(world, id)}/")


def test_one_without_a_key_here_asks_for_the_password_each_time(world: World) -> None:
    id = world.add(background=None)
    assert world.work() == 1, "the first run has a key for itself"
    world.places["left"].put("Likes coffee")
    page = world.get(f"/connections/{id}/")
    assert "the server holds no key of it" in page
    for do in ("run", "preview", "resync"):
        asks = world.post(f"/connections/{id}/run/", do=do)
        assert 'name="password"' in asks and world.left == []
    assert errors(world.post(f"/connections/{id}/run/", do="run", password="wrong"))
    world.post(f"/connections/{id}/run/", do="run", password=PASSWORD)
    assert world.work() == 1
    assert "1 taken in" in words(world.get(f"/connections/{id}/"))


def test_a_preview_counts_in_words_and_changes_nothing(world: World) -> None:
    id = world.add()
    world.work()
    world.places["left"].put("Likes coffee")
    remember(world.person, "Plays the cello")
    page = world.post(f"/connections/{id}/run/", do="preview")
    assert world.work() == 1
    page = words(world.get(f"/connections/{id}/"))
    assert "Preview: Done" in page
    assert "1 would be taken in" in page and "1 would be sent there" in page
    assert world.places["left"].texts() == ["Likes coffee"]


def test_progress_asks_again_only_while_it_runs(world: World) -> None:
    id = world.add()
    page = world.get(f"/connections/{id}/")
    assert 'hx-trigger="every 2s"' in page and "See how far it is now" in page
    part = world.get(f"/connections/{id}/", headers={"HX-Request": "true"})
    assert part.lstrip().startswith('<div id="state"')
    world.work()
    assert "hx-trigger" not in world.get(f"/connections/{id}/", headers={"HX-Request": "true"})


def test_a_new_one_may_be_shown_only_what_was_confirmed(world: World) -> None:
    assert "Only what I wrote or confirmed" in words(world.get("/connections/new/shelf/"))
    token = world.person.grantee(Personal=Right(see=True, add="yes"))
    remember(world.person, "Wrote this myself")
    memories.remember(token, world.person.collection("Personal"), Draft("An app said so"))
    id = world.add(confirmed_only="on")
    assert connections.get(world.person.access, id).grant.confirmed_only
    page = words(world.get(f"/connections/{id}/"))
    assert "Of all this only what you wrote or confirmed." in page
    world.work()
    assert world.places["left"].texts() == ["Wrote this myself"]


def test_a_failure_says_why_and_what_to_do(world: World) -> None:
    id = world.add()
    world.work()
    world.places["left"].error = Unavailable("The shelf is closed today.")
    world.post(f"/connections/{id}/run/", do="run")
    world.work()
    page = words(world.get(f"/connections/{id}/"))
    assert "The last run failed. The shelf is closed today." in page and "Try again now" in page
    world.places["left"].error = AuthError("The key has expired.")
    world.post(f"/connections/{id}/run/", do="run")
    world.work()
    page = words(world.get(f"/connections/{id}/"))
    assert "Needs sign-in" in page and "The key has expired." in page
    assert "Sign in again" in page
    assert "Needs sign-in" in words(world.get("/")), "Home says that it waits"


def test_reconnecting_keeps_what_is_left_empty(world: World) -> None:
    id = world.add()
    world.work()
    world.places["left"].error = AuthError("The key has expired.")
    world.post(f"/connections/{id}/run/", do="run")
    world.work()
    page = world.post(f"/connections/{id}/reconnect/", password=PASSWORD)
    assert errors(page) == ["The key has expired."]
    world.places["left"].error = None
    said = {"option-key": "another", "option-fast": "no", "password": PASSWORD}
    page = world.post(f"/connections/{id}/reconnect/", **said)
    assert "Signed in to ana." in page
    now = connections.options_of(world.person.access, world.person.owner_key, id)
    assert now == {"place": "left", "key": "another", "size": 4, "fast": False}
    world.post(
        f"/connections/{id}/reconnect/",
        **{"option-place": "left", "anew": "on"} | {"password": PASSWORD},
    )
    now = connections.options_of(world.person.access, world.person.owner_key, id)
    assert now == {"place": "left"}


def test_what_is_held_back_is_done_only_after_a_second_yes(world: World) -> None:
    id = world.add()
    world.work()
    for n in range(12):
        remember(world.person, f"Fact number {n}")
    world.post(f"/connections/{id}/run/", do="run")
    world.work()
    world.places["left"].entries.clear()
    world.post(f"/connections/{id}/run/", do="run")
    world.work()
    page = words(world.get(f"/connections/{id}/"))
    assert "Held back" in page and "Nothing is there any more." in page
    assert "Look at what is held back" not in page, "it is the page that this would lead to"
    assert "Look at what is held back" in words(world.get("/connections/"))
    assert len(memories.listing(world.person.access).memories) == 12
    assert "Waiting for you" in words(world.get("/"))
    asks = world.get(f"/connections/{id}/waive/")
    assert "Do it all the same?" in asks and "Nothing is there any more." in words(asks)
    world.post(f"/connections/{id}/waive/", guard="emptied", said="something else")
    assert world.left == [], "what was shown is not what is held back"
    for _ in range(2):  # the first yes is to the emptied account, the second to what follows
        guard = connections.get(world.person.access, id).guard
        if guard:
            world.post(f"/connections/{id}/waive/", guard=guard["name"], said=guard["said"])
            assert world.work() == 1
    assert connections.get(world.person.access, id).state == "active"
    # Of one that is new here nothing is forgotten without a word for each.
    assert "12 waiting for your word under Review" in words(world.get(f"/connections/{id}/"))


def test_pause_and_resume(world: World) -> None:
    id = world.add()
    world.work()
    page = world.post(f"/connections/{id}/pause/")
    assert "Nothing is brought in or sent until you resume it." in page
    world.post(f"/connections/{id}/run/", do="run")
    assert world.left == []
    assert 'name="password"' in world.get(f"/connections/{id}/resume/")
    world.post(f"/connections/{id}/resume/", password=PASSWORD)
    assert connections.get(world.person.access, id).state == "active"


def test_other_settings_and_a_key_only_with_the_password(world: World) -> None:
    id = world.add(background=None)
    world.work()
    said = {"into": "", "kinds": ["fact"], "policy": "newest", "every": "1440"}
    page = world.post(f"/connections/{id}/settings/", **said, background="on")
    assert "Enter your password." in page
    page = world.post(f"/connections/{id}/settings/", **said, background="on", password=PASSWORD)
    now = connections.get(world.person.access, id).settings
    assert (now.into_id, list(now.kinds), now.policy, now.every) == (None, ["fact"], "newest", 1440)
    assert now.background and "Once a day" in page
    world.post(f"/connections/{id}/settings/", **said)
    assert not connections.get(world.person.access, id).settings.background


def test_disconnecting_takes_back_and_gives_receipts(world: World) -> None:
    world.places["left"].put("Was there before")
    id = world.add()
    remember(world.person, "Lives in Delft")
    world.work()
    assert len(world.places["left"].entries) == 2
    page = words(world.get(f"/connections/{id}/end/"))
    assert "1 entry there was made by this connection" in page
    world.post(f"/connections/{id}/end/", keep="no")
    assert world.work() == 1
    page = words(world.get(f"/connections/{id}/"))
    assert "Ended" in page and "1 entry. Gone." in page
    assert world.places["left"].texts() == ["Was there before"]
    assert "My shelf" in words(world.get("/connections/")).split("Ended")[1]


def test_disconnecting_may_leave_it_there(world: World) -> None:
    id = world.add(background=None)
    remember(world.person, "Lives in Delft")
    world.work()
    page = world.post(f"/connections/{id}/end/", keep="yes")
    assert errors(page) == ["This field is required."], "no key here: the password is asked"
    world.post(f"/connections/{id}/end/", keep="yes", password=PASSWORD)
    world.work()
    assert connections.get(world.person.access, id).state == "gone"
    assert world.places["left"].texts() == ["Lives in Delft"]


def test_a_receipt_that_is_not_done_says_so(world: World) -> None:
    id = world.add()
    remember(world.person, "Lives in Delft")
    world.work()
    world.places["left"].error = Unavailable("The shelf is closed today.")
    world.post(f"/connections/{id}/end/", keep="no")
    world.work()
    page = words(world.get(f"/connections/{id}/"))
    assert "Access has stopped." in page and "The shelf is closed today." in page
    assert "1 entry. Asked." in page
    with vault_scope(world.person.vault_id):
        Receipt.objects.filter(connection_id=id).update(state="cannot check", said="Look there.")
    assert "1 entry. Cannot check." in words(world.get(f"/connections/{id}/"))


def test_what_waits_for_a_decision_leads_to_review(world: World) -> None:
    id = world.add()
    name = world.places["left"].put("Lives in Delft")
    world.work()
    (memory,) = memories.listing(world.person.access).memories
    memories.revise(world.person.access, memory.id, text="Lives in Porto")
    world.places["left"].put("Lives in Utrecht", name)
    world.post(f"/connections/{id}/run/", do="run")
    world.work()
    page = words(world.get(f"/connections/{id}/"))
    assert "Decide under Review" in page and "1 memory was changed on both sides" in page
    assert "1 undecided" in words(world.get("/connections/"))


def test_the_log_says_what_was_skipped_and_links_the_memory(world: World) -> None:
    made = connected(world.person, "left", {"Personal": Right(see=True, add="yes")})
    kept = remember(world.person, "Lives in Delft")
    record = run_here(world.person, made)
    with vault_scope(world.person.vault_id):
        record.skipped = [{"why": "It is too long.", "memory": str(kept.id)}] * 3
        record.save()
    page = world.get(f"/connections/{made.id}/")
    assert "It is too long. (3 times)" in words(page)
    assert f'href="/memories/{kept.id}/"' in page


def test_its_grant_leads_to_it_and_is_not_revoked_behind_its_back(world: World) -> None:
    id = world.add()
    world.work()
    grant = _grant(world, id)
    page = world.get("/grants/")
    assert "until you end it" in page and f"/connections/{id}/end/" in page
    page = world.get(f"/grants/{grant}/")
    assert f"/connections/{id}/" in page and "until you end it" in page
    world.client.post(f"/grants/{grant}/revoke/")
    assert connections.get(world.person.access, id).state == "active"
    answer = world.client.post(f"/grants/{grant}/revoke/")
    assert answer.headers["Location"] == f"/connections/{id}/end/"
    answer = world.client.post(f"/grants/{grant}/pause/")
    assert answer.headers["Location"] == f"/connections/{id}/"
    world.get(f"/grants/{grant}/change/")
    world.get(f"/grants/{grant}/see/")


def test_stopping_all_ends_connections_too(world: World) -> None:
    id = world.add()
    remember(world.person, "Lives in Delft")
    world.work()
    assert "Connections end too" in words(world.get("/grants/stop/"))
    world.client.post("/grants/stop/")
    with vault_scope(world.person.vault_id):
        scheduling.follow_grants(world.person.vault_id)
    page = words(world.get(f"/connections/{id}/"))
    assert "Being ended" in page
    run_here(world.person, id, kind="retract")
    assert world.places["left"].texts() == []


def test_one_that_is_not_allowed_here_cannot_be_made(world: World) -> None:
    with patch.object(Locked, "reaches", "machine"):
        page = world.get("/connections/new/")
        assert "SATCHEL_LOCAL_CONNECTORS=shelf" in page and "/connections/new/shelf/" not in page
        page = world.post("/connections/new/shelf/", **world.form())
        assert "SATCHEL_LOCAL_CONNECTORS=shelf" in page
    assert connections.listing(world.person.access) == []


def test_a_connector_that_is_gone_leaves_a_page_and_a_way_out(world: World) -> None:
    id = world.add()
    world.work()
    with vault_scope(world.person.vault_id):
        Row.objects.filter(id=id).update(connector="lost")
    assert "End it" in words(world.get("/connections/"))
    assert "lost" in world.get(f"/connections/{id}/")
    assert world.client.get("/connections/new/lost/").status_code == 404


def test_notices_are_switched_on_shown_once_and_off(world: World) -> None:
    id = world.add()
    world.work()
    assert "Notices" not in words(world.get(f"/connections/{id}/")).split("About it")[1]
    with patch.object(Locked, "capabilities", Capability.WRITE | Capability.NOTICE):
        assert "off, change" in words(world.get(f"/connections/{id}/"))
        page = world.post(f"/connections/{id}/notices/", do="on")
        (token,) = set(re.findall(r"/hooks/([^<\s\"&]+)", page))
        found = notices.find(token)
        assert found is not None and found.id == id
        assert token not in world.get(f"/connections/{id}/notices/")
        world.post(f"/connections/{id}/notices/", do="off")
        assert notices.find(token) is None


def _grant(world: World, id: UUID) -> UUID:
    return connections.get(world.person.access, id).grant.id
