"""The way into every page: signed in, vault open; and what the vault's errors look like there."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from frontend.signin import typed
from frontend.signin.session import close_vault, just_opened
from sync.upkeep import reembedding, resealing
from vault.access import Access
from vault.errors import Locked, NotFound, Refused, Stale, Tampered
from vault.middleware import KEY_COOKIE

P = ParamSpec("P")

logger = logging.getLogger(__name__)

_PASSING = frozenset({"40001", "40P01"})
"""SQLSTATEs of a serialization failure and a deadlock: nothing was saved, trying again helps."""


class VaultRequest(HttpRequest):
    """A request that passed the gate: its vault is open."""

    access: Access
    htmx: HtmxDetails


View = Callable[Concatenate[VaultRequest, P], HttpResponse]


def vault_required(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for the signed-in owner of an open vault; others are led to where they can open it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_door(request, "account_login")
        if getattr(request, "access", None) is None:
            return to_door(request, "unlock")
        return _answer(view, request, *args, **kwargs)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)


def _answer(view: View[P], request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    try:
        if just_opened(request):
            resealing.start(request.access)  # type: ignore[attr-defined]
        reembedding.catch_up(request.access)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]
    except NotFound as error:
        raise Http404(str(error)) from error
    except Locked:
        close_vault(request)
        return to_door(request, "unlock")
    except Stale as error:
        return render(request, "409.html", {"reason": str(error)}, status=409)
    except Refused as error:
        return render(request, "403.html", {"reason": str(error)}, status=403)
    except Tampered as error:
        return render(request, "tampered.html", {"reason": str(error)}, status=500)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) not in _PASSING:
            raise
        logger.warning("Turned away since two changes met: %s", type(error.__cause__).__name__)
        return render(request, "409.html", status=409)


def to_door(request: HttpRequest, door: str) -> HttpResponse:
    """To sign in or unlock, and back to this page afterwards, where what was typed is handed back.
    Says so if the vault just closed, and that nothing was done."""
    page = page_of(request)
    kept = typed.put_aside(request, page=page)
    query = {"next": kept or page}
    if request.method == "POST" and not kept:
        query["undone"] = "1"
    if door == "unlock" and KEY_COOKIE in request.COOKIES:
        query["idle"] = "1"
    return lead(request, f"{reverse(door)}?{urlencode(query)}")


def lead(request: HttpRequest, address: str) -> HttpResponse:
    """The whole page goes there, also when a fragment was asked for."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return redirect(address)


def page_of(request: HttpRequest) -> str:
    """The page that the person is looking at: what a fragment or a form belongs to."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    seen = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    parts = urlsplit(seen)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path.startswith("/") and not path.startswith("//") else "/"


def next_page(request: HttpRequest) -> str:
    """Where `next` leads, if that is on this site; else home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse("home")
