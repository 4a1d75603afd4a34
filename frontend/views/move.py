"""Move to another model: choose where and what, look at it, take it, see that it arrived."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django_htmx.http import replace_url

from connectors.base.handoff import Handoff
from frontend.forms.move import KEPT, SliceForm
from frontend.presenters.movetargets import groups, kept_in_step, lines, live_slug, vendor_of
from frontend.presenters.packing import zipped
from frontend.signin.gate import VaultRequest, vault_required
from sync.handing import handoffs
from vault import collections
from vault.errors import Invalid
from vault.types import Collection

_TOMORROW, _LATER = timedelta(days=1), timedelta(days=7)
_STEP = re.compile(r"\d{1,3}")
_LONGEST_ADDRESS = 2000  # a server takes about twice that; a longer choice is not kept


@vault_required
def choose(request: VaultRequest) -> HttpResponse:
    """Where to; and what was taken so far."""
    taken = handoffs.listing(request.access)
    context = {
        "groups": groups(),
        "kept_in_step": kept_in_step(),
        "taken": [(one, vendor_of(one.target)) for one in taken],
    }
    return render(request, "pages/move.html", context)


@vault_required
def slice(request: VaultRequest, target: str) -> HttpResponse:
    """What goes along, with a look at it that follows each change; then it is taken."""
    to = handoffs.target(target)
    listed = collections.listing(request.access)
    form = _form(request, to, listed)
    taking = "take" in request.POST
    if taking and form.is_valid():
        try:
            return redirect("move-taken", handoffs.take(request.access, target, form.wanted).id)
        except Invalid as error:
            form.add_error(None, str(error))
    address = "" if taking else _address(request, form)
    if address and not request.htmx:
        return redirect(address)
    look = handoffs.look(request.access, target, form.wanted) if form.is_valid() else None
    context = {
        "to": to,
        "slug": target,
        "vendor": vendor_of(target),
        "live": live_slug(target),
        "form": form,
        "look": look,
        "parts": lines(look.handout.parts, whole=False) if look else [],
        "nothing_there": not any(one.count for one in listed),
    }
    part = "#preview" if request.htmx and not taking else ""
    status = 422 if form.errors else 200
    answer = render(request, f"pages/move_slice.html{part}", context, status=status)
    return replace_url(answer, address) if address else answer


def _address(request: VaultRequest, form: SliceForm) -> str:
    """Of this page with the choice that was sent: it is kept through a reload, the way back, and a
    vault that locked itself. "" where there is none to keep."""
    if request.method != "POST" or not form.is_valid():
        return ""
    address = f"{request.path}?{form.query}"
    return address if len(address) <= _LONGEST_ADDRESS else ""


def _form(request: VaultRequest, to: Handoff, listed: Sequence[Collection]) -> SliceForm:
    """Filled with what was sent, with what the address keeps, or as it begins."""
    data: Mapping[str, Any] = request.POST if request.method == "POST" else request.GET
    if data is request.GET and KEPT not in data:
        data = SliceForm(target=to, collections=listed).as_ticked()
    return SliceForm(data, target=to, collections=listed)


@vault_required
def taken(request: VaultRequest, taken_id: UUID) -> HttpResponse:
    """The text or the files, what to do with them, and whether they arrived."""
    one, look, same = handoffs.again(request.access, taken_id)
    to = handoffs.target(one.target)
    context = {
        "one": one,
        "to": to,
        "vendor": vendor_of(one.target),
        "look": look,
        "same": same,
        "parts": lines(look.handout.parts, whole=to.form == "text"),
        "steps": [(n, step, n in one.steps) for n, step in enumerate(to.steps)],
    }
    return render(request, "pages/move_taken.html", context)


@vault_required
def files(request: VaultRequest, taken_id: UUID) -> HttpResponse:
    """All parts as one file: as it is, or in a zip. Nothing of it touches the disk."""
    one, look, _ = handoffs.again(request.access, taken_id)
    parts = look.handout.parts
    if not parts:
        messages.error(request, gettext("Nothing is left of what you chose. Choose again."))
        return redirect("move-slice", one.target)
    if len(parts) == 1 and handoffs.target(one.target).form != "zip":
        pieces = (piece.encode("utf-8", "replace") for piece in parts[0].pieces())
        answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
        name = parts[0].name.rsplit("/", 1)[-1]
        name = name if "." in name else f"{name}.txt"
    else:
        answer = StreamingHttpResponse(zipped(parts), content_type="application/zip")
        name = f"{one.target}-{one.made_at:%Y-%m-%d}.zip"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    return cast(HttpResponse, answer)


@vault_required
@require_POST
def steps(request: VaultRequest, taken_id: UUID) -> HttpResponse:
    ticked = [int(one) for one in request.POST.getlist("step") if _STEP.fullmatch(one)]
    handoffs.tick(request.access, taken_id, ticked)
    return redirect("move-taken", taken_id)


@vault_required
@require_POST
def answer(request: VaultRequest, taken_id: UUID) -> HttpResponse:
    """What its owner says of it: it arrived, ask later, do not ask, take it off the list."""
    said = request.POST.get("answer")
    if said == "arrived":
        handoffs.arrived(request.access, taken_id)
        messages.success(request, gettext("Good. It is noted."))
    elif said == "later":
        handoffs.remind(request.access, taken_id, _LATER)
        messages.success(request, gettext("You will be asked again in a week."))
    elif said == "tomorrow":
        handoffs.remind(request.access, taken_id, _TOMORROW)
        messages.success(request, gettext("You will be asked again tomorrow."))
    elif said == "never":
        handoffs.remind(request.access, taken_id, None)
        messages.success(request, gettext("You will not be asked about it."))
    elif said == "forget":
        handoffs.forget(request.access, taken_id)
        messages.success(
            request, gettext("It is off the list. What you took along is where you put it.")
        )
        return redirect("move")
    return redirect("move-taken", taken_id)
