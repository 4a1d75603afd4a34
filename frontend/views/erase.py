"""Erasing everything, and the receipt for it, which needs no account any more."""

from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.models import AbstractUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.forms.data import EraseForm
from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.session import close_vault
from frontend.signin.stepup import owner_of
from frontend.words.datawords import ERASED_NAMES
from sync import erasing
from sync.archives.archive_types import Receipt
from vault import browse, collections
from vault.errors import NotFound

_RECEIPT = "erasure"


@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def erase(request: VaultRequest) -> HttpResponse:
    form = EraseForm(request.POST or None, request=request)
    if form.is_valid():
        owner = owner_of(request)
        assert isinstance(owner, AbstractUser)  # noqa: S101  (the project has no other)
        keep = form.cleaned_data["account"] == "keep"
        erasure = erasing.begin(request.access, owner, keep_account=keep)
        close_vault(request)
        once.drop_all(request)
        logout(request)
        request.session[_RECEIPT] = str(erasure)
        return redirect("erased")
    context = {
        "form": form,
        "total": browse.counts(request.access).total,
        "collections": len(collections.listing(request.access)),
    }
    return render(request, "pages/erase.html", context)


def erased(request: HttpRequest) -> HttpResponse:
    """How far it is, then what was deleted. Only this browser knows the receipt."""
    try:
        receipt = erasing.receipt(UUID(request.session.get(_RECEIPT, "")))
    except (ValueError, NotFound):
        raise Http404 from None
    context = {"receipt": receipt, "lines": _lines(receipt)}
    page = "pages/erased.html"
    return render(request, f"{page}#state" if request.headers.get("HX-Request") else page, context)


def _lines(receipt: Receipt) -> list[tuple[str, int]]:
    """What it says in words; rows that a person knows no name for are counted together."""
    named = [(words, receipt.counts.get(key, 0)) for key, words in ERASED_NAMES.items()]
    rest = sum(count for key, count in receipt.counts.items() if key not in ERASED_NAMES)
    return [*named, ("other rows, such as what search needs,", rest)]
