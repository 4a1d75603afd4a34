"""The one `Outbound` of this process, with what the self-hoster opened."""

from functools import cache

from django.conf import settings

from vault.outbound.addresses import Rules
from vault.outbound.fetch import Outbound


@cache
def outbound() -> Outbound:
    return Outbound(Rules.parse(settings.SATCHEL_PRIVATE_ENDPOINTS))
