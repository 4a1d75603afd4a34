"""What the browser remembers of the vault: compared on each page, renewed when nothing was noticed.

The cookie says nothing to whoever reads it, and only the server can make it (`vault.log.anchors`).
"""

import hashlib
from collections.abc import Callable
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from vault import collections
from vault.access import Access
from vault.log import anchors
from vault.log.anchors import Anchor, Look, Older

YEAR = 365 * 24 * 60 * 60


class Anchoring:
    """One request's look at the vault, taken when a page first asks for it."""

    def __init__(self, access: Access, request: HttpRequest) -> None:
        self._access, self._request = access, request
        # A browser that several people use remembers each one's vault.
        self._name = "satchel_seen_" + hashlib.sha256(access.vault_id.bytes).hexdigest()[:12]
        self._accepted: Anchor | None = None

    @property
    def older(self) -> Older | None:
        """What the page tells: the vault is not what this browser last saw."""
        return None if self._accepted else self._look.older

    @property
    def collections(self) -> list[str]:
        """The names of the collections that are older than they were."""
        older = self._look.older
        listed = collections.listing(self._access) if older and older.collections else []
        return [one.name for one in listed if older and one.id in older.collections]

    def accept(self) -> None:
        """The owner says that what is there now is right."""
        self._accepted = anchors.accept(self._access)

    def hand_over(self, response: HttpResponse) -> None:
        """Let the browser remember what was looked at; not before the owner has accepted it."""
        anchor = self._accepted
        if anchor is None and "_look" in self.__dict__ and self._look.older is None:
            anchor = self._look.anchor
        if anchor is not None:
            response.set_cookie(
                self._name,
                anchors.sealed(self._access, anchor),
                max_age=YEAR,
                httponly=True,
                samesite="Lax",
                secure=self._request.is_secure() or settings.SESSION_COOKIE_SECURE,
            )

    @cached_property
    def _look(self) -> Look:
        return anchors.look(self._access, self._request.COOKIES.get(self._name, ""))


class AnchorMiddleware:
    """Sets `request.anchoring` while the vault is open. Pages that show it renew the memory."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        access = getattr(request, "access", None)
        if access is None:
            return self.get_response(request)
        anchoring = Anchoring(access, request)
        request.anchoring = anchoring  # type: ignore[attr-defined]
        response = self.get_response(request)
        anchoring.hand_over(response)
        return response
