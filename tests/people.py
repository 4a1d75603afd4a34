"""People with vaults, as tests need them: real accounts, real keys, real commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from vault import collections, vaults
from vault.access import Access, open_session, open_token
from vault.crypto.kdf import PasswordKeys
from vault.granting import grants
from vault.keys import hashers
from vault.keys.custodian import custodian
from vault.keys.vaultkey import OwnerKey
from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY
from vault.models import Memory, Source
from vault.scope import vault_scope
from vault.types import Grant, OpenSession, Right

PASSWORD = "correct horse battery staple"
_SALT = hashers.VaultPasswordHasher().salt()
_known: dict[bytes, dict[bytes, PasswordKeys]] = {}


@contextmanager
def known_derivations() -> Iterator[None]:
    """For what prepares a test: people with one salt, so that one run of Argon2 (0.2 s) serves
    them all. What a test does by the application's own pages and calls runs it each time."""
    token = hashers._remembered.set(_known.setdefault(custodian().pepper(), {}))
    try:
        yield
    finally:
        hashers._remembered.reset(token)


@dataclass(frozen=True)
class Person:
    """Somebody with an account and an open vault."""

    user: User
    vault_id: UUID
    recovery_code: str
    access: Access

    @property
    def owner_key(self) -> OwnerKey:
        with known_derivations():
            return vaults.owner_key(
                owner_id=self.user.pk, password=PASSWORD, password_hash=self.user.password
            )

    def collection(self, name: str) -> UUID:
        return next(c.id for c in collections.listing(self.access) if c.name == name)

    def token(
        self, name: str = "my assistant", days: float = 30, *, new: bool = False, **rights: Right
    ) -> tuple[Grant, str]:
        """A grant by collection names: `person.token(Work=Right(see=True))`.

        Its owner has let something of it in before, unless it is to be `new`.
        """
        wanted = {self.collection(c): right for c, right in rights.items()}
        until = timezone.now() + timedelta(days=days)
        made = grants.create_token(
            self.access, self.owner_key, name=name, rights=wanted, expires_at=until
        )
        if not new and any(right.add == "yes" for right in rights.values()):
            let_something_in(self.vault_id, made[0])
        return made

    def grantee(self, *, new: bool = False, **rights: Right) -> Access:
        return open_token(self.token("my assistant", 30, new=new, **rights)[1])


def let_something_in(vault_id: UUID, grant: Grant) -> None:
    """Leave what is left of a memory that this grant brought, and its owner let in and forgot."""
    with vault_scope(vault_id):
        now = timezone.now()
        gone = Memory(vault_id=vault_id, collection_id=sorted(grant.rights)[0], kind="fact")
        gone.epoch, gone.seq, gone.created_at, gone.updated_at = 1, 0, now, now
        gone.sorted_at = gone.forgotten_at = now
        gone.save(force_insert=True)
        source = Source(vault_id=vault_id, memory_id=gone.id, vendor="app", epoch=1)
        source.grant_id, source.seen_at = grant.id, now
        source.save(force_insert=True)


def new_person() -> Person:
    name = f"{uuid4().hex}@example.org"
    with known_derivations():
        hashed = make_password(PASSWORD, salt=_SALT)
        user = User.objects.create(username=name, email=name, password=hashed)
        made = vaults.create(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
        session = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    access = open_session(session.session_id, session.vault_id, session.secret)
    return Person(user, made.vault_id, made.recovery_code, access)


def opened_anew(person: Person) -> OpenSession:
    """One more open session of this person's vault."""
    user = person.user
    with known_derivations():
        return vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)


def signed_in(person: Person) -> Client:
    """A browser with this person's vault open, without the pages that lead there."""
    client = Client()
    client.force_login(person.user)
    opened = opened_anew(person)
    session = client.session
    session[VAULT_KEY], session[SESSION_KEY] = str(opened.vault_id), str(opened.session_id)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    client.cookies[KEY_COOKIE] = opened.secret
    return client
