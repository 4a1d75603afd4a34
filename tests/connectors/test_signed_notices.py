"""Signed notices, by the vector that Svix publishes and by what may be wrong with one."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.base.live.signed_notices import is_genuine

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT = datetime.fromtimestamp(1614265330, UTC)
HEADERS = {
    "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "svix-timestamp": "1614265330",
    "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_vector() -> None:
    assert is_genuine(SECRET, HEADERS, BODY, SENT)
    assert is_genuine(SECRET.removeprefix("whsec_"), HEADERS, BODY, SENT)


def test_names_of_headers() -> None:
    upper = {name.title(): value for name, value in HEADERS.items()}
    standard = {name.replace("svix", "webhook"): value for name, value in HEADERS.items()}
    assert is_genuine(SECRET, upper, BODY, SENT)
    assert is_genuine(SECRET, standard, BODY, SENT)


def test_one_of_several_signatures_is_enough() -> None:
    several = f"v1a,xyz v1,AAAA {HEADERS['svix-signature']}"
    assert is_genuine(SECRET, {**HEADERS, "svix-signature": several}, BODY, SENT)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365])
def test_old_and_early_ones_are_refused(minutes: int) -> None:
    assert not is_genuine(SECRET, HEADERS, BODY, SENT + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "change",
    [
        {"svix-id": "msg_another"},
        {"svix-id": ""},
        {"svix-timestamp": "1614265331"},
        {"svix-timestamp": ""},
        {"svix-timestamp": "soon"},
        {"svix-signature": ""},
        {"svix-signature": "v1,"},
        {"svix-signature": "v1,é"},
        {"svix-signature": HEADERS["svix-signature"].replace("v1,", "v2,")},
        {"svix-signature": HEADERS["svix-signature"].replace("g0", "g1")},
    ],
)
def test_what_was_tampered_with_is_refused(change: dict[str, str]) -> None:
    assert not is_genuine(SECRET, {**HEADERS, **change}, BODY, SENT)


def test_another_body_or_secret_is_refused() -> None:
    assert not is_genuine(SECRET, HEADERS, BODY + b" ", SENT)
    assert not is_genuine("whsec_AAAA", HEADERS, BODY, SENT)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", "é"])
def test_without_a_secret_nothing_is_genuine(secret: str) -> None:
    assert not is_genuine(secret, HEADERS, BODY, SENT)
    assert not is_genuine(secret, {}, b"", SENT)
