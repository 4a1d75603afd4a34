"""Virtual authenticators, and what people do with them on the pages."""

from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.frontend.conftest import h1
from tests.people import PASSWORD
from tools.authenticator import PLATFORM


class Device:
    """The authenticator of one page."""

    def __init__(self, page: Page, **options: Any) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        said = {"options": PLATFORM | options}
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", said)["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def verified(self, verified: bool) -> None:
        said = {"authenticatorId": self.id, "isUserVerified": verified}
        self.cdp.send("WebAuthn.setUserVerified", said)


def add_passkey(page: Page, name: str = "My phone", password: str = PASSWORD) -> None:
    page.goto("/settings/keys/passkeys/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Make a passkey").click()


def add_and_see(page: Page, name: str = "My phone") -> None:
    add_passkey(page, name)
    page.wait_for_url("**/settings/keys/")
    expect(page.locator(".lines").first).to_contain_text(name)


def lock(page: Page) -> None:
    page.goto("/settings/keys/")
    page.get_by_role("button", name="Lock now").first.click()
    page.wait_for_url("**/unlock/**")


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def is_open(page: Page) -> bool:
    page.goto("/memories/")
    return h1(page) == "Memories"
