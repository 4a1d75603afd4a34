"""The first steps after sign-up: keep the recovery code, then bring or write a first memory."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.forms.basic import KitForm
from frontend.signin import once
from frontend.signin.accounts import RECOVERY
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from vault import browse, vaults
from vault.errors import WrongSecret

ASKED = (2, 5)
"""Which groups of the code are asked back, counted from one."""


@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def welcome(request: VaultRequest) -> HttpResponse:
    """Whatever of the first steps is left to do."""
    code = once.peek(request, RECOVERY)
    if vaults.recovery_confirmed(request.access):
        once.drop(request, RECOVERY)
        return _first_memory(request)
    if not code:
        return _another_code(request)
    form = KitForm(request.POST or None, groups=ASKED)
    if form.is_valid() and _kept(request, form, code):
        once.drop(request, RECOVERY)
        return redirect("welcome")
    return _kit(request, form, code)


@sensitive_variables()
def _kept(request: VaultRequest, form: KitForm, code: str) -> bool:
    """Two groups of the kit, or all of it in the first field, prove that it was kept."""
    typed = form.typed()
    groups = code.split("-")
    wanted = (groups[ASKED[0] - 1], groups[ASKED[1] - 1])
    try:
        vaults.confirm_recovery(request.access, code if typed == wanted else typed[0])
    except WrongSecret:
        wrong = gettext("These are not the groups of your code. Look at your kit again.")
        form.add_error("first", wrong)
        return False
    return True


@sensitive_variables()
def _kit(request: VaultRequest, form: KitForm, code: str) -> HttpResponse:
    context = {
        "form": form,
        "code": code,
        "groups": list(enumerate(code.split("-"), 1)),
        "asked": ASKED,
        "today": timezone.now(),
        "address": request.build_absolute_uri("/"),
    }
    return render(request, "pages/kit.html", context)


def _another_code(request: VaultRequest) -> HttpResponse:
    """The code was never confirmed and can no longer be shown: only a new one helps."""
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        once.put(request, RECOVERY, vaults.new_recovery_code(form.owner_key))
        return redirect("welcome")
    return render(request, "pages/new_kit.html", {"form": form})


def _first_memory(request: VaultRequest) -> HttpResponse:
    if browse.counts(request.access).total:
        messages.success(request, gettext("Your recovery code is kept."))
        return redirect("home")
    return render(request, "pages/welcome.html")
