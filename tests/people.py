"""People with vaults, as tests need them: real accounts, real keys, real commits."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from vault import collections, grants, vaults
from vault.access import Access, open_session, open_token
from vault.hashers import remembering_derivations
from vault.types import Grant, Right
from vault.vaultkey import OwnerKey

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """Somebody with an account and an open vault."""

    user: User
    vault_id: UUID
    recovery_code: str
    access: Access

    @property
    def owner_key(self) -> OwnerKey:
        return vaults.owner_key(
            owner_id=self.user.pk, password=PASSWORD, password_hash=self.user.password
        )

    def collection(self, name: str) -> UUID:
        return next(c.id for c in collections.listing(self.access) if c.name == name)

    def token(
        self, name: str = "my assistant", days: float = 30, **rights: Right
    ) -> tuple[Grant, str]:
        """A grant by collection names: `person.token(Work=Right(see=True))`."""
        wanted = {self.collection(c): right for c, right in rights.items()}
        until = timezone.now() + timedelta(days=days)
        return grants.create_token(
            self.access, self.owner_key, name=name, rights=wanted, expires_at=until
        )

    def grantee(self, **rights: Right) -> Access:
        return open_token(self.token(**rights)[1])


def new_person() -> Person:
    name = f"{uuid4().hex}@example.org"
    with remembering_derivations():
        user = User.objects.create_user(username=name, email=name, password=PASSWORD)
        made = vaults.create(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
        session = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    access = open_session(session.session_id, session.vault_id, session.secret)
    return Person(user, made.vault_id, made.recovery_code, access)
