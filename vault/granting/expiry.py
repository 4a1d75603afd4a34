"""How long a grant may last."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from vault.access import LONGEST_LIFE
from vault.errors import Invalid, Refused
from vault.models import Grant, GrantSlot


def check(expires_at: datetime | None) -> None:
    """Invalid unless a new grant may last so long."""
    now = timezone.now()
    if expires_at is None or not now < expires_at <= now + LONGEST_LIFE:
        raise Invalid(gettext("Choose an end between now and a year from now."), "expires_at")


def check_later(row: Grant, until: datetime) -> None:
    """Invalid or Refused unless this grant may now last until then."""
    if row.kind in (Grant.Kind.APP, Grant.Kind.CONNECTION):
        check(until)
        return
    # The key slot of its token ends with the pepper of the day on which it was made.
    if row.expires_at is not None and row.expires_at <= timezone.now():
        raise Refused(gettext("Its token has ended and is gone. Make a new one."))
    if not timezone.now() < until <= row.created_at + LONGEST_LIFE:
        raise Invalid(gettext("It can last at most a year from when it was made."), "expires_at")
    if not GrantSlot.objects.filter(vault_id=row.vault_id, grant_id=row.id).exists():
        raise Refused(gettext("Its token has ended and is gone. Make a new one."))
