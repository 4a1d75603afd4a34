"""What opens a vault or passes the second step goes through every page, and lies nowhere after."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from playwright.sync_api import Page, Request

from config.home import Home
from tests.frontend.conftest import Visit, sign_in
from tests.frontend.devices import Device, add_and_see, lock, sign_out
from tests.frontend.test_secondstep import code_of, reauthenticate
from tests.people import Person
from tests.stack import Live
from tests.test_canaries import forms, places


def through_every_page(page: Page, person: Person) -> str:
    """The output of a passkey wherever it may be sent; the app's secret, which is answered."""
    sign_in(page, person)
    add_and_see(page, "kanarek-phone")
    page.goto("/settings/collections/new/")
    page.get_by_label("Name").fill("Garden")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/settings/")
    lock(page)
    page.get_by_role("button", name="Unlock with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.goto("/settings/keys/app/")
    reauthenticate(page)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_url("**/settings/keys/codes/")
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    return secret


def test_neither_output_nor_secret_lies_anywhere(visit: Visit, live: Live, person: Person) -> None:
    page = visit(base_url=live.url.replace("127.0.0.1", "localhost"))
    Device(page)
    sent: list[dict[str, list[str]]] = []
    addresses: list[str] = []

    def listen(request: Request) -> None:
        addresses.append(request.url)
        if request.method == "POST" and "prf=" in (request.post_data or ""):
            sent.append(parse_qs(request.post_data or ""))

    page.on("request", listen)
    secret = through_every_page(page, person)
    assert len(sent) == 4
    (output,) = {post["prf"][0] for post in sent}  # the same for the same salt
    raw = base64.urlsafe_b64decode(output + "=")
    assert len(raw) == 32
    for post in sent:
        assert "prf" not in json.loads(post["credential"][0])["clientExtensionResults"]
    stored = Authenticator.objects.get(user=person.user, type="webauthn").data
    assert stored["credential"]["clientExtensionResults"] == {"credProps": {"rk": True}}

    birds = {
        *forms(raw),
        *(form for text in (output, secret) for form in forms(text.encode())),
        *forms(base64.b32decode(secret)),
    }
    assert not [url for url in addresses if output in url or secret in url]
    at_rest = dict(places(Home(settings.SATCHEL_HOME)))
    assert b"kanarek-phone" in at_rest["pg_dump"]
    found = [name for name, content in at_rest.items() if any(bird in content for bird in birds)]
    assert found == []
