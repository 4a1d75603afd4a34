"""`POST /hooks/<token>`: where a vendor says that something changed at a connection's account.

It tells nobody anything: 204 where there is such an address, whatever was sent and whatever came of
it, else 404.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from api import throttles
from sync.connections import notices

LARGEST = 64 * 1024
"""Bytes of a notice."""
PER_CONNECTION = 60
"""Notices a minute that are looked at. More tell nothing new."""


@csrf_exempt  # who calls has no session, and nothing here looks at one
def notice(request: HttpRequest, token: str) -> HttpResponse:
    address = throttles.address_of(request)
    if not throttles.within("notice", address, throttles.PER_ADDRESS):
        return HttpResponse(status=429, headers={"Retry-After": str(throttles.WINDOW)})
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return HttpResponse(status=413)
    row = notices.find(token) if request.method == "POST" else None
    if row is None:
        return _unknown(address)
    if throttles.within("notice-of", str(row.id), PER_CONNECTION):
        notices.take(row, request.headers, body)
    return HttpResponse(status=204)


def _unknown(address: str) -> HttpResponse:
    """Who guesses addresses is slowed down as who guesses tokens is."""
    if throttles.within("notice-unknown", address, throttles.FAILURES_PER_ADDRESS):
        return HttpResponse(status=404)
    return HttpResponse(status=429, headers={"Retry-After": str(throttles.WINDOW)})
