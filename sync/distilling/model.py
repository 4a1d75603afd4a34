"""The model for distilling, as its owner chose it: kept sealed, tried out, changed, removed."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from sync.distilling import prompt, wire
from sync.distilling.choice import ChatChoice
from sync.distilling.errors import ChatRefused, TextRefused, Unreadable
from sync.models import Distilling, DistillingModel
from vault import collections, telling
from vault.access import Access
from vault.errors import Invalid, Refused, Stale, Tampered
from vault.ids import new_id
from vault.keys.epochs import epochs
from vault.outbound.configured import outbound
from vault.scope import vault_scope

_TEST_SECONDS = 60.0  # a model on one's own machine may have to be loaded first


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept. `choice` is None when it does not open any more: it has to be typed again."""

    choice: ChatChoice | None
    saved_at: datetime


def get(access: Access) -> Kept | None:
    """None when its owner chose none."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = DistillingModel.objects.filter(vault_id=access.vault_id).first()
        if row is None:
            return None
        try:
            return Kept(ChatChoice.from_json(open_sealed(access, row)), row.saved_at)
        except (Refused, Stale, Tampered):
            return Kept(None, row.saved_at)


def chosen(access: Access) -> ChatChoice:
    """Invalid when there is none that opens."""
    kept = get(access)
    if kept is None or kept.choice is None:
        raise Invalid(gettext("Choose a model for distilling first, under Settings."))
    return kept.choice


@sensitive_variables()
def save(access: Access, choice: ChatChoice) -> None:
    """In place of what was there. A run that is under way goes on with what it began with."""
    access.must_own()
    home = collections.listing(access)[0].id
    with vault_scope(access.vault_id), transaction.atomic():
        telling.take_turns(access)  # of two tabs the second waits, and then replaces the first's
        DistillingModel.objects.filter(vault_id=access.vault_id).delete()
        row = DistillingModel(
            vault_id=access.vault_id,
            id=new_id(),
            collection_id=home,
            epoch=epochs(access, [home])[home],
            saved_at=timezone.now(),
        )
        seal(access, row, choice.to_json())
        row.save(force_insert=True)


def remove(access: Access) -> None:
    """With its key, wherever that is kept. Nothing is sent to it any more."""
    from sync.distilling import runs

    access.must_own()
    with vault_scope(access.vault_id):
        DistillingModel.objects.filter(vault_id=access.vault_id).delete()
        for row in runs.unfinished(access):
            runs.close(access, row)


def try_out(choice: ChatChoice) -> int:
    """Ask it one tiny thing; the milliseconds it took. DistillingError says what is wrong."""
    begun = time.monotonic()
    try:
        reply = wire.ask(choice, outbound(), prompt.trial(), _TEST_SECONDS)
    except (TextRefused, Unreadable) as refused:
        raise ChatRefused(str(refused)) from None
    if not reply.text.strip():
        said = gettext("%(host)s answered with nothing. Try another model.")
        raise ChatRefused(said % {"host": choice.host})
    return round((time.monotonic() - begun) * 1000)


def seal(access: Access, row: DistillingModel | Distilling, data: dict[str, object]) -> None:
    """Into the row, under the key of its collection and epoch; not saved."""
    place = (row.collection_id, row.epoch, "distilling", row.id, 0)
    row.sealed = access.keyring.seal(*place, json.dumps(data, ensure_ascii=False).encode())


def open_sealed(access: Access, row: DistillingModel | Distilling) -> dict[str, object]:
    """Refused, Stale or Tampered when it does not open."""
    place = (row.collection_id, row.epoch, "distilling", row.id, 0)
    data: dict[str, object] = json.loads(access.keyring.open(*place, row.sealed))
    return data


def move(access: Access, row: DistillingModel | Distilling, heir: UUID) -> None:
    """The same under the key of another collection; what does not open stays as it is."""
    try:
        data = open_sealed(access, row)
    except (Refused, Stale, Tampered):
        return
    row.collection_id, row.epoch = heir, epochs(access, [heir])[heir]
    seal(access, row, data)
    row.save(update_fields=["collection_id", "epoch", "sealed"])


def renew(access: Access, row: DistillingModel | Distilling, epoch: int) -> None:
    """The same under the key of another epoch."""
    data = open_sealed(access, row)
    row.epoch = epoch
    seal(access, row, data)
    row.save(update_fields=["epoch", "sealed"])
