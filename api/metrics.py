"""Counts of what the web process answers, for Prometheus. Names of addresses and numbers: no
address itself, no id, nothing of any person.

Each process counts for itself, and only the web process is asked.
"""

import time
from collections.abc import Callable
from typing import Literal

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Outcome = Literal["done", "refused", "failed", "turned away"]
"""`turned away` at the door: for its scopes, because it came too often, or because its token ended
while it was being answered. Who has no token that works calls nothing."""
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_SURFACES = (("/api/", "api"), ("/oauth/", "oauth"), ("/.well-known/", "oauth"))

registry = CollectorRegistry()
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)
_requests = Counter(
    "satchel_requests_total",
    "Requests answered.",
    ["surface", "name", "method", "status"],
    registry=registry,
)
_seconds = Histogram(
    "satchel_request_seconds",
    "Time from the first look at a request until its answer was made.",
    ["surface", "name"],
    buckets=_SECONDS,
    registry=registry,
)
_calls = Counter(
    "satchel_mcp_calls_total",
    "Tools and resources that were called over MCP, and what came of it.",
    ["name", "outcome"],
    registry=registry,
)
_working = Gauge("satchel_requests_working", "Requests being answered now.", registry=registry)


def counted(request: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The answer to this request, counted."""
    started = time.perf_counter()
    with _working.track_inprogress():
        response = answer(request)
    place = _surface(request.path_info), _name(request)
    answered(*place, str(request.method), response.status_code, time.perf_counter() - started)
    return response


def answered(surface: str, name: str, method: str, status: int, seconds: float) -> None:
    """One request more; `name` is one of ours."""
    _requests.labels(surface, name, method if method in _METHODS else "other", str(status)).inc()
    _seconds.labels(surface, name).observe(seconds)


def called(name: str, outcome: Outcome) -> None:
    """One call over MCP more; `name` is that of a tool or resource that there is."""
    _calls.labels(name, outcome).inc()


def _surface(path: str) -> str:
    return next((name for prefix, name in _SURFACES if path.startswith(prefix)), "pages")


def _name(request: HttpRequest) -> str:
    """That of its address, as the code names it; never what was asked for."""
    match = request.resolver_match
    return (match.url_name if match else None) or "nowhere"
