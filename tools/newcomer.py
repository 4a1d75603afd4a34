"""The life of a vault, from sign-up to its end: the pages that only stand within it."""

import base64
import hmac
import struct
import time
from collections.abc import Iterator
from secrets import token_hex, token_urlsafe

from authenticator import PLATFORM
from playwright.sync_api import Page, expect
from walks import press

EMPTY = {
    "home": "/",
    "memories": "/memories/",
    "memory-shared": "/memories/shared/",
    "saved-views": "/memories/views/",
    "import": "/import/",
    "review": "/review/",
    "connections": "/connections/",
    "grants": "/grants/",
    "activity": "/activity/",
    "flow": "/flow/",
    "map": "/map/",
    "timeline": "/timeline/",
    "move-slice": "/move/to/anthropic/",
    "distil": "/distil/",
    "restore": "/settings/data/restore/",
}


def life(page: Page) -> Iterator[str]:
    email, password = f"newcomer-{token_hex(4)}@example.org", token_urlsafe(16)
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password (again)").fill(password)
    press(page, "Make my vault")
    page.wait_for_url("**/welcome/")
    yield from _kit(page)
    for name, address in EMPTY.items():
        page.goto(address)
        yield f"{name}@empty"
    yield from _passkeys(page, password)
    secret = yield from _second_step(page, password)
    yield from _doors(page, email, password, secret)
    yield from _end(page, password)


def _kit(page: Page) -> Iterator[str]:
    yield "welcome"
    groups = (page.locator("#code").text_content() or "").strip().split("-")
    page.get_by_label("Group 2").fill(groups[1])
    page.get_by_label("Group 5").fill("nope")
    press(page, "I have kept it")
    expect(page.locator(".error")).to_be_visible()
    yield "welcome@wrong"
    page.get_by_label("Group 5").fill(groups[4])
    press(page, "I have kept it")
    expect(page.locator("#code")).to_have_count(0)
    yield "welcome@first"


def _passkeys(page: Page, password: str) -> Iterator[str]:
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM})
    page.goto("/settings/keys/passkeys/new/")
    page.get_by_label("Name").fill("The phone in the kitchen")
    page.get_by_label("Your password").fill(password)
    press(page, "Make a passkey")
    page.wait_for_url("**/settings/keys/")
    yield "keys@passkey"
    page.get_by_role("link", name="Change The phone in the kitchen").click()
    yield "passkey"
    page.goto(page.url + "remove/")
    yield "passkey-remove"
    page.goto("/settings/keys/password/")
    yield "passkey-password"


def _second_step(page: Page, password: str) -> Iterator[str]:
    page.goto("/settings/keys/app/")
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Go on")
    yield "mfa_activate_totp"
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    press(page, "Switch it on")
    page.wait_for_url("**/settings/keys/codes/")
    yield "mfa_view_recovery_codes@new"
    for name, end in (
        ("mfa_view_recovery_codes", "codes"),
        ("mfa_generate_recovery_codes", "codes/new"),
        ("mfa_deactivate_totp", "app/off"),
        ("keys@second-step", ""),
    ):
        page.goto(f"/settings/keys/{end}/".replace("//", "/"))
        yield name
    return secret


def _doors(page: Page, email: str, password: str, secret: str) -> Iterator[str]:
    page.get_by_role("button", name="Lock now").first.click()
    page.wait_for_url("**/unlock/**")
    yield "unlock"
    page.goto("/accounts/logout/")
    press(page, "Sign out")
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in and open my vault")
    page.wait_for_url("**/second-step/**")
    yield "mfa_authenticate"
    page.wait_for_timeout(31_000)  # a code is good once
    page.get_by_label("Code").fill(code_of(secret))
    press(page, "Sign in and open my vault")
    page.wait_for_url("**/")


def _end(page: Page, password: str) -> Iterator[str]:
    page.goto("/settings/data/erase/")
    page.get_by_label("Delete it too").check()
    page.get_by_label("Type the number of memories that are erased").fill("0")
    page.get_by_label("Your password").fill(password)
    press(page, "Erase everything")
    page.wait_for_url("**/hold/")
    yield "erase-hold"
    now = page.get_by_role("button", name="Erase everything now")
    expect(now).to_be_enabled(timeout=20_000)
    now.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Everything is erased", timeout=60_000
    )
    yield "erased"


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", ""))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = mac[-1] & 15
    number = struct.unpack(">I", mac[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


NAMES = (
    *("welcome", "welcome@wrong", "welcome@first"),
    *(f"{name}@empty" for name in EMPTY),
    *("keys@passkey", "passkey", "passkey-remove", "passkey-password", "mfa_activate_totp"),
    *("mfa_view_recovery_codes@new", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("mfa_deactivate_totp", "keys@second-step", "unlock", "mfa_authenticate"),
    *("erase-hold", "erased"),
)
