"""How often one may ask, and what the answers say about it."""

import threading

import pytest
from django.core.cache import caches

from api import throttles
from tests.api.people import SEE, App, Owner
from vault.granting import tokens


def test_answers_say_what_is_left(reader: App) -> None:
    first, second = reader.get("me"), reader.get("me")
    assert first.headers["RateLimit-Policy"] == ('"grant";q=600;w=60, "address";q=6000;w=60')
    left = [answer.headers["RateLimit"].partition(",")[0].split(";") for answer in (first, second)]
    assert [part[1] for part in left] == ["r=599", "r=598"]
    assert 0 < int(left[0][2].removeprefix("t=")) <= 60


def test_too_many_requests(ada: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "PER_GRANT", 3)
    app, other = ada.grants({"Personal": SEE}), ada.grants({"Personal": SEE})
    assert [app.get("me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refusal = app.post("context", {})
    assert refusal.status_code == 429
    assert refusal.json()["type"] == "urn:satchel:problem:throttled"
    assert 0 < int(refusal.headers["Retry-After"]) <= 60
    assert "r=0" in refusal.headers["RateLimit"]
    assert other.get("me").status_code == 200, "each grant has its own allowance"


def test_a_new_minute_is_a_new_allowance(ada: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "PER_GRANT", 1)
    app = ada.grants({"Personal": SEE})
    assert [app.get("me").status_code for _ in range(2)] == [200, 429]
    now = throttles.time.time()
    monkeypatch.setattr(throttles.time, "time", lambda: now + throttles.WINDOW)
    assert app.get("me").status_code == 200


def test_guessing_tokens_is_slowed_down_and_nobody_else(
    ada: Owner, reader: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttles, "FAILURES_PER_ADDRESS", 3)
    guesser = App(tokens.new(ada.access.vault_id), reader.grant)
    assert [guesser.get("me").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert "Retry-After" in guesser.get("me").headers
    assert reader.get("me").status_code == 200, "the same address with a token that works"


def test_a_forged_address_is_not_believed(
    ada: Owner, reader: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttles, "FAILURES_PER_ADDRESS", 2)
    guesser = App(tokens.new(ada.access.vault_id), reader.grant)
    statuses = [guesser.get("me", X_Forwarded_For=f"10.0.0.{n}").status_code for n in range(4)]
    assert statuses == [401, 401, 429, 429]


def test_an_address_of_ipv6_counts_with_its_network() -> None:
    same = {throttles._network(f"2001:db8:0:1::{n:x}") for n in range(9)}
    assert same == {"2001:db8:0:1::/64"}
    assert throttles._network("2001:db8:0:2::1") not in same
    assert throttles._network("192.0.2.1") == "192.0.2.1"
    assert throttles._network("unix:") == "unix:"


def test_counting_is_exact_over_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.time, "time", lambda: 1_000_000.0)
    counted: list[int] = []

    def count() -> None:
        for _ in range(50):
            rate = throttles._count("api:test:threads", 1_000_000)
            assert rate is not None
            counted.append(rate.used)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == list(range(1, 201))


def test_without_a_cache_the_api_still_answers(
    reader: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(type(caches["default"]), "add", fail)
    answer = reader.get("me")
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
    assert "not counted" in caplog.text
