"""How long the lines of the access log are kept: for ever, unless their owner says otherwise."""

from datetime import timedelta
from itertools import takewhile
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Invalid
from vault.keys.slots import log_chain_key
from vault.log.log_chain import Chain
from vault.models import LogEntry
from vault.scope import vault_scope
from vault.types import Asker

PERIODS = (None, 365, 90, 30)
"""Days; None for ever."""
CUT = "cut"


def keep(access: Access, days: int | None) -> None:
    """From now on lines are kept for so many days. What is older goes with the next `cut`."""
    access.must_own()
    if days not in PERIODS:
        raise Invalid(gettext("Choose one of the periods offered."), "days")
    with vault_scope(access.vault_id):
        chain = Chain(access.vault_id, writing=True, key=access.chain_key)
        if chain.head.keep_days != days:
            chain.head.keep_days = days
            chain.append(access.asker, "kept", purpose=_words(days))
            chain.save()


def cut(vault_id: UUID) -> int:
    """Delete the lines that are older than their owner wants to keep, and log that; how many went.

    It needs no key of the vault. Tampered, with that line and all after it left alone, when a line
    is not as it was written: neither a changed time nor a changed period makes lines go.
    """
    gone = 0
    while portion := _cut_portion(vault_id):
        gone += portion
    return gone


def _cut_portion(vault_id: UUID) -> int:
    key = log_chain_key(vault_id)
    with vault_scope(vault_id):
        if not _old(Chain(vault_id, key=key), most=1):
            return 0  # nobody waits for a lock that is not needed
        chain = Chain(vault_id, writing=True, key=key)
        head, old = chain.head, _old(chain)
        if all(line.action == CUT for line in old):
            return 0  # or each day's line about cutting would be cut and make another
        last = old[-1]
        LogEntry.objects.filter(vault_id=vault_id, seq__lte=last.seq).delete()
        head.cut, head.cut_chain = last.seq, bytes(last.chain)
        told = f"{_words(head.keep_days)}: the lines up to {last.seq} were deleted"
        chain.append(Asker("job", vault_id, "Satchel"), CUT, purpose=told)
        chain.save()
    return len(old)


def _old(chain: Chain, most: int = 2000) -> list[LogEntry]:
    if chain.head.keep_days is None:
        return []
    limit = timezone.now() - timedelta(days=chain.head.keep_days)
    lines = chain.portion(chain.start, chain.end.seq, most)
    return list(takewhile(lambda line: line.at < limit, lines))


def _words(days: int | None) -> str:
    return "kept for ever" if days is None else f"kept for {days} days"
