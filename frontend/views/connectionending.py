"""Ending a connection: what it sent is taken back, or stays; the receipts are on its page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from connectors.base.types import Capability
from frontend.forms.connections import EndForm, EndWithPasswordForm
from frontend.presenters.connectioncards import connector_of
from frontend.signin.gate import VaultRequest, vault_required
from sync.connections import connections
from sync.errors import NotNow


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def end(request: VaultRequest, connection_id: UUID) -> HttpResponse:
    """Asks first: there is no undo. Also to take back what waits for the password."""
    access = request.access
    one = connections.get(access, connection_id)
    if one.state == "gone":
        return redirect("connection", connection_id)
    held, data = one.settings.background, request.POST or None
    form = EndForm(data) if held else EndWithPasswordForm(data, request=request)
    if form.is_valid():
        owner = form.owner_key if isinstance(form, EndWithPasswordForm) else None
        keep = form.cleaned_data["keep"] == "yes"
        try:
            connections.disconnect(access, connection_id, keep_there=keep, owner=owner)
        except NotNow as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _said(keep))
        return redirect("connection", connection_id)
    known = connector_of(one.connector)
    context = {
        "form": form,
        "one": one,
        "sent": connections.sent_there(access, connection_id),
        "can_delete": known is not None and Capability.DELETE in known.capabilities,
    }
    return render(request, "pages/connection_end.html", context)


def _said(keep: bool) -> str:
    if keep:
        return gettext("Ended. It sees nothing any more; what was sent there stays there.")
    return gettext("Ended. It sees nothing any more; what was sent there is being taken back.")
