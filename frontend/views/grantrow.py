"""One row of the table of grants: changed where it stands, with a way back for some seconds."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from frontend.presenters.connectedapps import connected
from frontend.presenters.endedgrants import ended
from frontend.presenters.grantmatrix import Matrix, chosen
from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from frontend.words.levels import level_of
from sync.connections import connections
from vault import collections
from vault.errors import Invalid, KeyNeeded, Refused, Stale
from vault.granting import grants, narrowing
from vault.granting.narrowing import Way
from vault.text import clean
from vault.types import Collection, Grant, Right

_LIVE = ("active", "paused")
_UNDO = "narrowed"
_LONGEST = 2500
"""Keys that are longer do not fit into a cookie; then there is no way back."""


@vault_required
def row(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    """The row as it is now; or, sent with other levels, as it is then. To take away is done at
    once; to give more leads to where the password is asked for."""
    if request.method != "POST":
        return _back(request, grant_id)
    found, listed = grants.get(request.access, grant_id), collections.listing(request.access)
    if found.state not in _LIVE:
        return _told(request, grant_id, _over())
    if request.POST.get("version") != str(found.version):
        return _told(request, grant_id, _stale())
    wanted = chosen(request.POST, listed)
    changed = {p: r for p, r in wanted.items() if found.rights.get(p, Right()) != r}
    if not changed:
        return _back(request, grant_id)
    return _narrowed(request, found, changed, listed)


@vault_required
@require_POST
@sensitive_variables("way")
def undo(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    """Give back what was taken a moment ago."""
    way = Way(once.take(request, _UNDO), request.session.pop(_UNDO, ""))
    try:
        narrowing.restore(request.access, way)
    except Stale as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Undone. It may do again what it could before."))
    return redirect("grants")


def _narrowed(
    request: VaultRequest, found: Grant, changed: Mapping[UUID, Right], listed: Sequence[Collection]
) -> HttpResponse:
    rights = {**found.rights, **changed}
    try:
        after, way = narrowing.narrow(
            request.access, found.id, rights=rights, version=found.version
        )
    except KeyNeeded:
        return _asks(request, found, changed, listed)
    except Stale:
        return _told(request, found.id, _stale())
    except Refused:
        return _told(request, found.id, _over())
    except Invalid:
        said = gettext("Not saved: that would leave it nothing. To stop it, revoke it.")
        return _told(request, found.id, said)
    said = " ".join([*_words(after, changed, listed), gettext("Saved.")])
    return _saved(request, after, said, way)


@sensitive_variables("way")
def _saved(request: VaultRequest, after: Grant, said: str, way: Way) -> HttpResponse:
    undo_at = ""
    if len(way.keys) <= _LONGEST:
        once.put(request, _UNDO, way.keys)
        request.session[_UNDO] = way.rights
        undo_at = reverse("grant-row-undo", args=[after.id])
    if request.htmx:
        return _row(request, after, live=said, undo_at=undo_at)
    messages.success(request, said, undo_at)
    return redirect("grants")


def _asks(
    request: VaultRequest, found: Grant, changed: Mapping[UUID, Right], listed: Sequence[Collection]
) -> HttpResponse:
    more = gettext("Not saved yet: to give more than now, your password is needed.")
    said = " ".join([*_words(found, changed, listed), more])
    if request.htmx:
        return _row(request, found, asked=changed, said=said, live=said)
    made = _matrix(request, found).row(found, asked=changed)
    return redirect(f"{reverse('grant-change', args=[found.id])}?{made.query}")


def _told(request: VaultRequest, grant_id: UUID, said: str) -> HttpResponse:
    if request.htmx:
        return _row(request, grants.get(request.access, grant_id), said=said, live=said)
    messages.error(request, said)
    return redirect("grants")


def _back(request: VaultRequest, grant_id: UUID) -> HttpResponse:
    if request.htmx:
        return _row(request, grants.get(request.access, grant_id))
    return redirect("grants")


def _row(
    request: VaultRequest,
    found: Grant,
    *,
    asked: Mapping[UUID, Right] | None = None,
    said: str = "",
    live: str = "",
    undo_at: str = "",
) -> HttpResponse:
    if found.state not in _LIVE:
        context = {"one": ended(request.access, [found], {})[0], "said": said}
        return render(request, "pages/grant_revoked.html", context)
    matrix = _matrix(request, found)
    row = matrix.row(found, asked=asked, said=said)
    context = {"row": row, "matrix": matrix, "live": live, "undo_at": undo_at}
    return render(request, "pages/grant_row_answer.html", context)


def _matrix(request: VaultRequest, found: Grant) -> Matrix:
    access = request.access
    its = connections.of_grant(access, found.id) if found.kind == "connection" else None
    places = {found.id: its} if its is not None else {}
    return Matrix(collections.listing(access), connected(access, [found]), places)


def _words(
    one: Grant, changed: Mapping[UUID, Right], listed: Sequence[Collection]
) -> Iterator[str]:
    """As in "Claude, Work: sees."."""
    names = {place.id: clean(place.name) for place in listed}
    for place, right in changed.items():
        said = {"app": clean(one.name), "collection": names[place], "level": level_of(right).word}
        yield gettext("%(app)s, %(collection)s: %(level)s.") % said


def _over() -> str:
    return gettext("Not saved: this grant has ended meanwhile.")


def _stale() -> str:
    return gettext("Not saved: this grant was changed in another window. This is how it is now.")
