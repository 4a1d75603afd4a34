"""Two people, every page: what one's vault holds under an id is not there for the other."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from sync.handing.slicing import Wanted
from sync.models import ArchiveJob, Distilling, Handoff
from tests.exports import talks, upload, zipped
from tests.frontend.connectionshow import one_connection
from tests.people import PASSWORD, Person, new_person, signed_in
from vault import memories, rules, savedviews
from vault.access import open_token
from vault.models import Act, Pair
from vault.scope import vault_scope
from vault.sorting.rules import Condition
from vault.types import Draft, Right

OTHERWISE = {
    "seq": "a line's number: everybody's log begins with 1",
    "token": "an act that can be undone, kept in the person's own session",
    "key": "a link in a mail, checked by its signature",
    "uidb36": "a link in a mail, checked by its signature",
    "connector": "a connector's name, the same for everybody",
    "target": "the name of a form to hand off, the same for everybody",
}
"""Names in addresses that are no ids of a vault's rows, and why."""

REFERRED = ([302, 404], [302, 302], [405, 302])
"""Addresses of before, and cards of the review that is over: on to the review, whatever the id."""


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every address with a name in it: the address, and the names."""
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, address)
        elif isinstance(one, URLPattern) and (names := list(one.pattern.converters)):
            yield address, names
        elif "(?P<" in address:
            yield address, list(one.pattern.regex.groupindex)


ADDRESSES = [
    (address, names)
    for address, names in patterns(get_resolver())
    if not set(names) & OTHERWISE.keys() and not address.startswith(("api/", "oauth/"))
]


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


@pytest.fixture(scope="module")
def ids(ana: Person) -> dict[str, UUID | str]:
    """Something of Ana's for every name that an address can hold."""
    from sync.importing import imports

    work = ana.collection("Work")
    memory = memories.remember(ana.access, work, Draft("The secret is a canary."))
    grant, token = ana.token(Work=Right(add="ask"))
    suggestion = memories.remember(open_token(token), work, Draft("A canary as a letter."))
    job = imports.begin(ana.access, [upload(zipped(talks(1, 2)))], start=lambda *_: None)
    rule = rules.create(ana.access, work, Condition(text="canary"))
    view = savedviews.save(ana.access, "canary", {"q": "canary"})
    mine, now = {"vault_id": ana.vault_id}, timezone.now()
    with vault_scope(ana.vault_id):
        pair = Pair(**mine, first_id=memory.id, second_id=uuid4(), kind="duplicate", found_at=now)
        act = Act(**mine, verb="forget", collection_id=work, total=1, made_at=now)
        archive = ArchiveJob(**mine, kind="export", state="done", file_id=uuid4(), started_at=now)
        run = Distilling(**mine, collection_id=work, epoch=1, sealed=b"", total=1, started_at=now)
        taken = Handoff(**mine, target="anthropic", count=1, left_out=0, kept=b"", made_at=now)
        taken.wanted = Wanted(frozenset({work}), frozenset({"fact"})).to_json()
        for row in (pair, act, archive, run, taken):
            row.save(force_insert=True)
    return {
        "memory_id": memory.id,
        "collection_id": work,
        "grant_id": grant.id,
        "suggestion_id": suggestion.id,
        "import_id": job.id,
        "session_id": ana.access.asker.id,
        "pair_id": pair.id,
        "rule_id": rule.id,
        "act_id": act.id,
        "job_id": archive.id,
        "connection_id": one_connection(ana, "Canary").id,
        "run_id": run.id,
        "taken_id": taken.id,
        "view_id": view.id,
        "mark": "0123456789abcdef",
    }


@pytest.fixture(scope="module")
def stranger() -> Client:
    return signed_in(new_person())


@pytest.mark.parametrize(("address", "names"), ADDRESSES, ids=str)
def test_ids_of_another_person_do_not_exist(
    stranger: Client, ids: dict[str, UUID | str], address: str, names: list[str]
) -> None:
    path, nowhere = filled(address, names, ids), filled(address, names, dict.fromkeys(ids, uuid4()))
    answers = []
    for method in ("get", "post"):
        said = {"password": PASSWORD, "collection": ids["collection_id"], "do": "keep"}
        answer = getattr(stranger, method)(path, said)
        same = getattr(stranger, method)(nowhere, said)
        assert "canary" not in answer.content.decode()
        assert answer.status_code == same.status_code, "an id of another tells that it exists"
        answers.append(answer.status_code)
    assert set(answers) <= {404, 405} or answers in REFERRED, answers
    assert 200 not in answers


@pytest.mark.parametrize(
    "name", ["memory_id", "collection_id", "grant_id", "import_id", "connection_id", "taken_id"]
)
def test_they_do_for_their_owner(ana: Person, ids: dict[str, UUID | str], name: str) -> None:
    """Else the 404s above would prove nothing."""
    client = signed_in(ana)
    mine = [filled(a, names, ids) for a, names in ADDRESSES if names == [name]]
    assert mine
    for path in mine:
        assert client.get(path).status_code in (200, 302, 405), path


def filled(address: str, names: list[str], ids: dict[str, UUID | str]) -> str:
    for name in names:
        assert name in ids, f"teach this test what {name} in {address} is"
        for kind in ("uuid", "slug"):
            address = address.replace(f"<{kind}:{name}>", str(ids[name]))
    return "/" + address
