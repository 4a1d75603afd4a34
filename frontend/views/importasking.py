"""An import that asks what is in its files: the answer, and thinking better of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from frontend.forms.asking import ASKED, AskingForm
from frontend.presenters.importpage import state_page
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import keeps_typed
from sync.errors import NotNow
from sync.importing import asking, imports
from vault.errors import Invalid


@keeps_typed(lambda name, import_id: name.rpartition("-")[0] in ASKED, around=True)
@vault_required
@require_POST
def answer(request: VaultRequest, import_id: UUID) -> HttpResponse:
    one = imports.get(request.access, import_id)
    form = AskingForm(request.POST, shapes=one.shapes)
    if form.is_valid():
        try:
            asking.answer(request.access, import_id, form.said)
            return redirect("import-state", import_id)
        except NotNow as error:
            messages.error(request, str(error))
            return redirect("import-state", import_id)
        except Invalid as error:
            form.add_error(None, str(error))
    return state_page(request, one, form)


@vault_required
@require_POST
def differently(request: VaultRequest, import_id: UUID) -> HttpResponse:
    try:
        asking.differently(request.access, import_id)
    except (NotNow, Invalid) as error:
        messages.error(request, str(error))
    return redirect("import-state", import_id)
