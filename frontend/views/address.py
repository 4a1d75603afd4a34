"""Settings: another e-mail address to sign in with. It holds once its owner followed a link."""

from typing import cast

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.address import AddressForm
from frontend.signin import address
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from frontend.views.serverhealth import is_operator
from vault.errors import Invalid


@keeps_typed(fields_of(AddressForm))
@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def change(request: VaultRequest) -> HttpResponse:
    form = AddressForm(request.POST or None, request=request)
    hand_back(request, form)
    if form.is_valid():
        try:
            _slow_down(request)
            wanted = form.cleaned_data["address"]
            if not address.ask(request, _me(request), request.access, wanted):
                messages.success(request, gettext("Your e-mail address is changed."))
        except Invalid as error:
            form.add_error(error.field or None, str(error))
        else:
            return redirect("address")
    waiting = address.waiting(_me(request))
    context = {"form": form, "waiting": waiting, "by_mail": address.by_mail()}
    context["operator"] = is_operator(request)
    return render(request, "pages/address.html", context)


@require_POST
@vault_required
def send_again(request: VaultRequest) -> HttpResponse:
    try:
        _slow_down(request)
        address.send_again(request, _me(request))
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Sent again."))
    return redirect("address")


@require_POST
@vault_required
def cancel(request: VaultRequest) -> HttpResponse:
    address.cancel(_me(request))
    messages.success(request, gettext("Cancelled. Your address stays as it is."))
    return redirect("address")


@vault_required
def confirm(request: VaultRequest, key: str) -> HttpResponse:
    """Where the link leads: it changes nothing by itself, its owner does."""
    user = _me(request)
    if request.method == "POST":
        try:
            address.confirm(user, request.access, key)
        except Invalid as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Your e-mail address is changed."))
        return redirect("address")
    context = {"wanted": address.of_link(user, key)}
    return render(request, "pages/address_confirm.html", context)


def _me(request: VaultRequest) -> User:
    return cast(User, request.user)


def _slow_down(request: VaultRequest) -> None:
    """Invalid when it was asked for too often: nobody is to be flooded with mail from here."""
    if not ratelimit.consume(request, action="change_address"):
        raise Invalid(gettext("You tried this very often. Wait an hour, then try again."))
