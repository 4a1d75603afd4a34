"""An address at which a connection's vendor may say that something changed: on, once shown, off."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from sync.connections import connections
from sync.connections import notices as calls
from sync.errors import NotNow


@vault_required
@sensitive_variables("token")
def notices(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    """Switched on anew, it is another address, and the one of before ends."""
    access = request.access
    one = connections.get(access, connection_id)
    if request.method == "POST":
        _switch(request, connection_id, on=request.POST.get("do") == "on")
        return redirect("connection-notices", connection_id)
    token = once.take(request, _name(connection_id))
    address = request.build_absolute_uri(reverse("notice", args=[token])) if token else ""
    return render(request, "pages/connection_notices.html", {"one": one, "address": address})


@sensitive_variables()
def _switch(request: VaultRequest, connection_id: UUID, *, on: bool) -> None:
    if not on:
        calls.switch_off(request.access, connection_id)
        messages.success(request, gettext("Switched off. The address ends."))
        return
    try:
        once.put(request, _name(connection_id), calls.switch_on(request.access, connection_id))
    except NotNow as error:
        messages.error(request, str(error))


def _name(connection_id: UUID) -> str:
    return f"notice-{connection_id}"
