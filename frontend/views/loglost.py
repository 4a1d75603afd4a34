"""Beginning the access log anew, when it cannot be continued or read."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.session import open_vault
from frontend.signin.stepup import StepUpForm
from vault.log import log_lost


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def anew(request: VaultRequest) -> HttpResponse:
    """Asks for the password: the new log's key is sealed under that of the vault."""
    if not (problem := log_lost.trouble(request.access)):
        return redirect("activity")
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        open_vault(request, log_lost.begin_anew(form.owner_key))
        said = gettext("The log goes on. Its newest line says what became of the rest.")
        messages.success(request, said)
        return redirect("activity")
    return render(request, "pages/log_anew.html", {"form": form, "problem": problem})
