"""`manage.py demo`: an invented person with exports from three vendors, to have a look around."""

import io
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from connectors.demo import demo_exports
from sync.importing import imports, reading
from sync.importing.uploads import SealedUpload
from vault import collections, memories, vaults
from vault.access import Access, open_session, open_token
from vault.files import FileSealer
from vault.granting import grants
from vault.keys.hashers import remembering_derivations
from vault.recalling import recall
from vault.types import Draft, Right

EMAIL = "ana@example.org"
HOMES = ("Personal", "Work", "Travel")
"""Where each vendor's memories go: so that there is something to grant and something to keep."""
APPS: Mapping[str, Mapping[str, Right]] = {
    "My assistant": {"Personal": Right(see=True, add="ask"), "Work": Right(see=True)},
    "Coding agent": {"Work": Right(see=True, add="yes")},
    "Travel planner": {"Personal": Right(see=True), "Travel": Right(see=True, add="ask")},
    "Notes from my phone": {"Personal": Right(add="ask"), "Family": Right(add="yes")},
}
ASKED = (
    ("My assistant", "how does she like answers", "draft a letter"),
    ("My assistant", "what should dinner avoid", "plan a dinner"),
    ("Coding agent", "current project at work", "start a new module"),
    ("Travel planner", "trains, hotels, seats", "a week in autumn"),
)
"""Which app asked what, and what for: so that the access log has something to tell."""


class Command(BaseCommand):
    help = "Fill a vault with an invented person's exports from three vendors."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--password", help="For tests: otherwise one is made up and shown.")

    def handle(self, *args: object, **options: Any) -> None:
        if User.objects.filter(username=EMAIL).exists():
            self.stdout.write(f"The demo person is here already: sign in as {EMAIL}.")
            return
        password = options["password"] or secrets.token_urlsafe(12)
        with remembering_derivations():
            tokens = self._make(password)
        self._use(tokens)
        self.stdout.write(f"Sign in as {EMAIL} with the password {password}")

    def _make(self, password: str) -> dict[str, str]:
        """The token of each app."""
        with transaction.atomic():
            user = User.objects.create_user(username=EMAIL, email=EMAIL, password=password)
            made = vaults.create(owner_id=user.pk, password=password, password_hash=user.password)
        opened = vaults.unlock(owner_id=user.pk, password=password, password_hash=user.password)
        access = open_session(opened.session_id, opened.vault_id, opened.secret)
        vaults.confirm_recovery(access, made.recovery_code)
        homes = {c.name: c.id for c in collections.listing(access)}
        for home, (name, content) in zip(HOMES, demo_exports(), strict=True):
            self._import(access, name, content, homes[home])
        owner = vaults.owner_key(owner_id=user.pk, password=password, password_hash=user.password)
        until = timezone.now() + timedelta(days=30)
        tokens = {}
        for name, named in APPS.items():
            rights = {homes[home]: right for home, right in named.items()}
            _, tokens[name] = grants.create_token(
                access, owner, name=name, rights=rights, expires_at=until
            )
        return tokens

    def _import(self, access: Access, name: str, content: bytes, home: UUID) -> None:
        """The same steps as in the browser, done here and now instead of by the worker."""
        files = [_sealed(name, content)]
        found = imports.begin(access, files, collection_id=home, start=reading.run)
        done = imports.accept(access, found.id, start=reading.run)
        if done.state != "done":
            raise CommandError(f"{name}: {done.error or done.state}")
        self.stdout.write(f"  {done.vendor_name}: {done.written} memories")

    def _use(self, tokens: Mapping[str, str]) -> None:
        apps = {name: open_token(token) for name, token in tokens.items()}
        for name, query, purpose in ASKED:
            recall.search(apps[name], query, purpose=purpose)
        for name, home, text in (
            ("My assistant", "Personal", "Prefers trains to flying when there is time"),
            ("Travel planner", "Travel", "Books seats in the quiet coach"),
        ):
            listed = collections.listing(apps[name])
            into = next(one.id for one in listed if one.name == home)
            memories.remember(apps[name], into, Draft(text))


def _sealed(name: str, content: bytes) -> SealedUpload:
    sealer, stream = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR)), io.BytesIO(content)
    while chunk := stream.read(1 << 20):
        sealer.write(chunk)
    return SealedUpload(name, "", sealer.finish())
