"""What an app says of itself, as far as it is shown."""

from types import SimpleNamespace

import pytest

from frontend.signin.visitors import NAMELESS, home_of, place_of, short, visitor_of


def client(name: str, source: str = "dcr", client_id: str = "abc") -> SimpleNamespace:
    return SimpleNamespace(name=name, registration_source=source, client_id=client_id)


@pytest.mark.parametrize(
    ("address", "kind", "host"),
    [
        ("https://claude.ai/api/mcp/auth_callback", "site", "claude.ai"),
        ("https://claude.ai@evil.example/x", "site", "evil.example"),
        ("https://CLAUDE.ai:8443/", "site", "claude.ai:8443"),
        ("http://example.org/callback", "open", "example.org"),
        ("http://127.0.0.1:33418/", "device", "127.0.0.1:33418"),
        ("http://[::1]:8080/", "device", "[::1]:8080"),
        ("http://localhost/callback", "device", "localhost"),
        ("http://app.localhost/", "device", "app.localhost"),
        ("https://localhost.evil.example/", "site", "localhost.evil.example"),
        ("https://\u0441laude.ai/", "site", "\\u0441laude.ai"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "scheme", "cursor:"),
    ],
)
def test_where_an_answer_goes(address: str, kind: str, host: str) -> None:
    place = place_of(address)
    assert (place.kind, place.host) == (kind, host)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://claude.ai/callback", "https://claude.ai"),
        ("http://127.0.0.1:33418/", "http://127.0.0.1:33418"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor:"),
        ("https://evil.example;script-src%20*/", "https:"),
        ("https://evil.example script-src/", "https:"),
        ("http://[::1]:8080/", "http:"),  # the policy has no way to write such a host
    ],
)
def test_the_policy_is_widened_to_one_origin_and_cannot_be_written_by_an_app(
    address: str, origin: str
) -> None:
    assert place_of(address).origin == origin


def test_a_name_is_one_short_line_without_what_hides() -> None:
    assert visitor_of(client("A\nB\u202e\u200b C")).name == "A B C"
    assert len(visitor_of(client("x" * 255)).name) == 60
    stacked = visitor_of(client("Z" + "\u0301" * 50 + "algo")).name
    assert stacked == "\u0179\u0301\u0301algo"
    for nothing in ("", "   ", "\u3164\u3164", "\u2800", "\u200b"):
        assert visitor_of(client(nothing)).name == NAMELESS
    assert short("words " * 9, 12) == "words words…"


def test_who_vouches_for_a_name() -> None:
    hosted = visitor_of(client("Claude", "cimd", "https://claude.ai/oauth/client.json"))
    assert (hosted.vouched, hosted.host) == ("document", "claude.ai")
    assert visitor_of(client("Claude", "dcr", "https://claude.ai/oauth/x")).vouched == "itself"
    assert visitor_of(client("Ours", "manual")).vouched == "server"


def test_an_app_is_known_by_every_host_that_it_may_be_answered_at() -> None:
    """Else one that registers somebody else's address first would be listed under their name."""
    both = client("Claude", "dcr")
    both.redirect_uris = "https://claude.ai/callback https://evil.example/ https://claude.ai/two"
    assert home_of(both) == "claude.ai, evil.example"
    many = client("Claude", "dcr")
    many.redirect_uris = " ".join(f"https://h{n}.example/" for n in range(9))
    assert home_of(many) == "h0.example, h1.example, h2.example and 6 more"
    none = client("Claude", "dcr")
    none.redirect_uris = ""
    assert home_of(none) == ""
