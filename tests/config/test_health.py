"""`GET /api/v1/health` on the real server."""

import httpx
from django.test import Client, override_settings

from config import __version__, health
from tests.stack import Live


def test_it_says_ok_with_the_version(live: Live) -> None:
    answer = httpx.get(f"{live.url}/api/v1/health", timeout=10)
    assert answer.json() == {"status": "ok", "version": __version__}
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_says_503_and_names_what_is_down(monkeypatch) -> None:
    from celery import Celery

    deaf = Celery(broker="redis+socket:///nowhere/at/all.sock", set_as_current=False)
    monkeypatch.setattr(health, "app", deaf)
    with override_settings(ALLOWED_HOSTS=["*"]):
        answer = Client().get("/api/v1/health")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The broker for background work does not answer."
