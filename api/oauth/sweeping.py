"""What nobody needs any more of the authorization server: codes that are over, and apps that
registered and that no owner ever let in."""

from datetime import timedelta

from django.utils import timezone
from oauth2_provider.models import get_application_model

from api.models import AuthorizationCode
from vault.granting import clients

UNUSED = timedelta(days=30)
"""So long an app may take to be let in. One that was stays, also when its grant has ended: it may
ask again under its name."""
_AT_ONCE = 1_000


def codes() -> int:
    """Delete codes that nobody came for within their minute. How many."""
    over = AuthorizationCode.objects.filter(expires__lte=timezone.now())
    return int(over.delete()[1].get(AuthorizationCode._meta.label, 0))


def apps() -> int:
    """Delete apps that nobody let in since they registered. How many."""
    model, gone = get_application_model(), 0
    kinds = (model.RegistrationSource.DCR, model.RegistrationSource.CIMD)
    old = model.objects.filter(
        registration_source__in=kinds, created__lt=timezone.now() - UNUSED
    ).exclude(client_id__in=clients.let_in())
    while ids := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        gone += len(ids)
        model.objects.filter(pk__in=ids).delete()
    return gone
