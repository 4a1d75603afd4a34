"""A person's passkeys in the settings: add one, give it another name, remove it."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.passkeys import MadeForm, NameForm, NewPasskeyForm
from frontend.signin import passkeys as devices
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.passkeyproof import reasons
from frontend.signin.stepup import StepUpForm, owner_of
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from vault.errors import Invalid

OPENS = gettext_noop("“%(name)s” signs you in and opens your vault from now on.")
SIGNS_IN = gettext_noop(
    "“%(name)s” signs you in from now on. Its device cannot keep a key, so your vault still asks"
    " for your password."
)


@keeps_typed(lambda name: name == "name")
@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def new(request: VaultRequest) -> HttpResponse:
    """The form, and what the browser sends once the device has made a passkey."""
    form = NewPasskeyForm(request.POST or None, request=request)
    hand_back(request, form)
    if form.is_valid():
        made = MadeForm(request.POST)
        if made.is_valid() and _added(request, form, made):
            return redirect("keys")
        form.add_error(None, reasons(made))
    return render(request, "pages/passkey_new.html", {"form": form})


@vault_required
@require_POST
@sensitive_post_parameters()
def new_options(request: VaultRequest) -> HttpResponse:
    """What the browser is to make a passkey of; asked for before the device is bothered, so that a
    wrong password leaves none behind on it."""
    form = NewPasskeyForm(request.POST, request=request)
    if not form.is_valid():
        return JsonResponse({"error": " ".join(reasons(form))}, status=400)
    try:
        return JsonResponse(devices.to_make(owner_of(request)))
    except Invalid as error:
        return JsonResponse({"error": str(error)}, status=400)


@keeps_typed(fields_of(NameForm))
@vault_required
def change(request: VaultRequest, mark: str) -> HttpResponse:
    """Another name."""
    user = owner_of(request)
    passkey = devices.find(user, request.access, mark)
    form = NameForm(request.POST or None, initial={"name": passkey.name})
    hand_back(request, form)
    if form.is_valid():
        try:
            devices.rename(user, request.access, passkey, form.cleaned_data["name"])
        except Invalid as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("keys")
    return render(request, "pages/passkey.html", {"form": form, "passkey": passkey})


@vault_required
@sensitive_post_parameters()
def remove(request: VaultRequest, mark: str) -> HttpResponse:
    user = owner_of(request)
    passkey = devices.find(user, request.access, mark)
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        devices.remove(user, request.access, form.owner_key, passkey)
        words = gettext("“%(name)s” opens nothing any more.") % {"name": passkey.name}
        messages.success(request, words)
        return redirect("keys")
    return render(request, "pages/passkey_remove.html", {"form": form, "passkey": passkey})


@sensitive_variables()
def _added(request: VaultRequest, form: NewPasskeyForm, made: MadeForm) -> bool:
    """Whether it was; if not, the form says why."""
    try:
        passkey = devices.add(
            owner_of(request),
            request.access,
            form.owner_key,
            name=form.cleaned_data["name"],
            credential=made.cleaned_data["credential"],
            credential_id=made.credential_id,
            prf_output=made.cleaned_data["prf"],
        )
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    words = gettext(OPENS if passkey.slot_id else SIGNS_IN)
    messages.success(request, words % {"name": passkey.name})
    return True
