"""`manage.py demo`: an invented person with exports from three vendors, to have a look around."""

import io
import secrets
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
            access, token = self._make(password)
        self._use(access, token)
        self.stdout.write(f"Sign in as {EMAIL} with the password {password}")

    def _make(self, password: str) -> tuple[Access, str]:
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
        rights = {
            homes["Personal"]: Right(see=True, add="ask"),
            homes["Work"]: Right(see=True),
        }
        until = timezone.now() + timedelta(days=30)
        name = "My assistant"
        _, token = grants.create_token(access, owner, name=name, rights=rights, expires_at=until)
        return access, token

    def _import(self, access: Access, name: str, content: bytes, home: UUID) -> None:
        """The same steps as in the browser, done here and now instead of by the worker."""
        files = [_sealed(name, content)]
        found = imports.begin(access, files, collection_id=home, start=reading.run)
        done = imports.accept(access, found.id, start=reading.run)
        if done.state != "done":
            raise CommandError(f"{name}: {done.error or done.state}")
        self.stdout.write(f"  {done.vendor_name}: {done.written} memories")

    def _use(self, access: Access, token: str) -> None:
        """So that the access log has something to tell."""
        app = open_token(token)
        for query, purpose in (
            ("how does she like answers", "draft a letter"),
            ("current project at work", "prepare a meeting"),
            ("what should dinner avoid", "plan a dinner"),
        ):
            recall.search(app, query, purpose=purpose)
        home = next(iter(c.id for c in collections.listing(app) if c.name == "Personal"))
        memories.remember(app, home, Draft("Prefers trains to flying when there is time"))


def _sealed(name: str, content: bytes) -> SealedUpload:
    sealer, stream = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR)), io.BytesIO(content)
    while chunk := stream.read(1 << 20):
        sealer.write(chunk)
    return SealedUpload(name, "", sealer.finish())
