"""The page of a memory that was altered: says so, and lets its owner be rid of it."""

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.people import PASSWORD, Person
from vault import memories, vaults
from vault.integrity import manifests
from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY
from vault.models import Memory as MemoryRow
from vault.models import Pair
from vault.reviewing import pairs
from vault.scope import vault_scope
from vault.types import Draft, Memory


def signed_in(person: Person) -> Client:
    client, user = Client(SERVER_NAME="127.0.0.1"), person.user
    opened = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session[VAULT_KEY], session[SESSION_KEY] = str(opened.vault_id), str(opened.session_id)
    session.save()
    client.cookies[KEY_COOKIE] = opened.secret
    return client


def test_it_is_forgotten_for_good_from_its_own_page(person: Person) -> None:
    home = person.collection("Personal")
    made = memories.remember(person.access, home, Draft("Keeps bees on the roof"))
    assert isinstance(made, Memory)
    with vault_scope(person.vault_id):
        mine = MemoryRow.objects.filter(vault_id=person.vault_id, id=made.id)
        mine.update(sealed=bytes(mine.get().sealed)[::-1])
    client, address = signed_in(person), reverse("memory", args=[made.id])
    page = client.get(address)
    assert page.status_code == 500
    assert "Forget it for good" in page.content.decode()
    gone = client.post(reverse("memory-forget", args=[made.id]), follow=True)
    assert gone.status_code == 200
    assert "It is destroyed" in gone.content.decode()
    assert client.get(address).status_code == 404
    assert manifests.check(person.access, home) == 0


def test_one_whose_own_words_say_so_is_not_taken_for_altered(person: Person) -> None:
    home = person.collection("Personal")
    ids = [
        memories.remember(person.access, home, Draft(text)).id
        for text in ("(This memory was altered and cannot be read.)", "Keeps bees")
    ]
    with vault_scope(person.vault_id):
        Pair(
            vault_id=person.vault_id,
            first_id=min(ids),
            second_id=max(ids),
            kind="duplicate",
            found_at=timezone.now(),
        ).save(force_insert=True)
    assert len(pairs.about(person.access, ids[1], "duplicate")) == 1
    gone = signed_in(person).post(reverse("memory-forget", args=[ids[0]]), follow=True)
    assert "Forgotten. You can undo this" in gone.content.decode()
