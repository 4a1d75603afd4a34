"""What the authorization server does not keep: codes that are over, apps that nobody let in."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from oauth2_provider.models import get_application_model

from api import tasks
from api.models import AuthorizationCode
from api.oauth import sweeping
from tests.api.oauth.apps import App, allow, registered
from tests.people import Person, new_person, signed_in
from vault.granting import clients, grants
from vault.types import Right


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


@pytest.fixture(autouse=True)
def uncounted() -> None:
    cache.clear()


def code(ana: Person, app: App) -> str:
    return allow(signed_in(ana), ana, app.asks(), Work=Right(see=True))["code"]


def aged(app: App, days: float) -> App:
    mine = get_application_model().objects.filter(client_id=app.client_id)
    mine.update(created=timezone.now() - timedelta(days=days))
    return app


def there(*apps: App) -> list[bool]:
    found = get_application_model().objects.values_list("client_id", flat=True)
    known = set(found)
    return [app.client_id in known for app in apps]


def test_codes_go_when_their_minute_is_over_and_not_before(ana: Person) -> None:
    app = registered()
    code(ana, app), code(ana, app)
    mine = AuthorizationCode.objects.filter(application__client_id=app.client_id)
    old = mine.order_by("pk")[0]
    AuthorizationCode.objects.filter(pk=old.pk).update(expires=timezone.now())
    assert tasks.sweep_codes() >= 1
    assert list(mine.values_list("pk", flat=True)) == [old.pk + 1]
    assert tasks.sweep_codes() == 0


def test_apps_go_that_nobody_let_in_for_thirty_days(ana: Person) -> None:
    days = sweeping.UNUSED.days
    unused, young = aged(registered(), days + 1), aged(registered(), days - 1)
    named = aged(registered(), days + 1)
    made = get_application_model().objects.filter(client_id=named.client_id)
    made.update(registration_source="cimd")
    by_hand = aged(registered(), days + 1)
    get_application_model().objects.filter(client_id=by_hand.client_id).update(
        registration_source="manual"
    )
    used, ended = aged(registered(), days + 1), aged(registered(), days + 1)
    given = code(ana, used), code(ana, ended)
    grant = clients.known(ana.access, ended.client_id)
    assert grant is not None
    grants.revoke(ana.access, grant.id)
    assert tasks.sweep_apps() >= 2
    assert there(unused, named) == [False, False]
    assert there(young, by_hand, used, ended) == [True] * 4
    assert used.exchanges(given[0])[0] == 200
    assert code(ana, ended), "it asks again under its name"
    assert (days, tasks.sweep_apps()) == (30, 0)


def test_an_app_that_is_gone_is_told_so_and_registers_anew(ana: Person) -> None:
    gone = aged(registered(), 31)
    tasks.sweep_apps()
    answer = signed_in(ana).get(gone.asks())
    assert answer.status_code in (400, 401, 403)
    assert code(ana, registered())
