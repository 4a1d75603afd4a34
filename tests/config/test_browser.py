"""What the settings promise to browsers, asked of a real one."""

from playwright.sync_api import Page, expect

from tests.stack import Live


def test_a_form_of_ours_is_not_taken_for_a_forgery(page: Page, live: Live) -> None:
    """It would be under `Referrer-Policy: no-referrer`: the browser then hides where it is."""
    page.goto("/accounts/login/")
    page.locator("input[type=email]").fill("nobody@example.org")
    page.locator("input[type=password]").first.fill("no-such-password")
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.keyboard.press("Enter")
    assert posted.value.status == 200
    assert posted.value.request.all_headers()["origin"] == live.url
    expect(page.locator("input[type=password]").first).to_be_visible()


def test_pages_carry_the_headers_that_protect_them(page: Page) -> None:
    answer = page.goto("/accounts/login/")
    assert answer
    headers = answer.all_headers()
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self' 'nonce-",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types htmx",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "no-store" in headers["cache-control"]


def test_cookies_are_out_of_reach_of_scripts(page: Page) -> None:
    page.goto("/accounts/login/")
    cookies = page.context.cookies()
    assert cookies
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in cookies)
