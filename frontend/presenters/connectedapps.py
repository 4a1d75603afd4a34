"""What the pages of grants tell of connected apps beyond their grant."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy
from oauth2_provider.models import get_application_model

from frontend.signin.visitors import home_of
from vault.access import Access
from vault.granting import families
from vault.granting.scopes import ADD, SEE, SUGGEST
from vault.types import Grant

_GONE = gettext_lazy("no longer registered here")


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """`home` is the host it is known by, `signed_in` how many installations are now."""

    home: str
    signed_in: int


def connected(access: Access, grants: Iterable[Grant]) -> dict[UUID, ConnectedApp]:
    """By grant; those that are no apps are left out."""
    apps = [grant for grant in grants if grant.client_id]
    if not apps:
        return {}
    clients = get_application_model().objects.filter(client_id__in=[a.client_id for a in apps])
    homes = {client.client_id: home_of(client) for client in clients}
    counts = families.counts(access)
    return {
        grant.id: ConnectedApp(homes.get(grant.client_id, str(_GONE)), counts.get(grant.id, 0))
        for grant in apps
    }


def limits(access: Access, grant: Grant) -> str:
    """A sentence where an app asked for less than its grant allows; else ""."""
    scopes = families.scopes(access, grant.id) if grant.client_id else frozenset()
    if scopes and SEE not in scopes:
        return gettext(
            "It asked only to add when it signed in, so it sees nothing, whatever is ticked."
        )
    if scopes and not scopes & {SUGGEST, ADD}:
        return gettext(
            "It asked only to read when it signed in, so it adds nothing, whatever is ticked."
        )
    return ""
