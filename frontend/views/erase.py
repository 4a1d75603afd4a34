"""Erasing everything: the yes, a hold, the deed; and its receipt, which needs no account."""

from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.models import AbstractUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.forms.data import EraseForm
from frontend.presenters import erasehold
from frontend.presenters.erasehold import HOLD, Held
from frontend.signin import once
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.session import close_vault
from frontend.signin.stepup import owner_of
from frontend.words.datawords import ERASED_LINES, OTHER_ROWS, erased_line
from sync import erasing
from sync.archives import archives
from sync.archives.archive_types import Receipt
from vault import browse, collections
from vault.errors import NotFound

_RECEIPT = "erasure"


@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def erase(request: VaultRequest) -> HttpResponse:
    """The yes to it: how many memories, typed, and the password. Then it is held for a while."""
    total = browse.counts(request.access).total
    form = EraseForm(request.POST or None, request=request, total=total)
    if form.is_valid():
        keep = form.cleaned_data["account"] == "keep"
        erasehold.hold(request, keep_account=keep, count=total)
        return redirect("erase-hold")
    context = {
        "form": form,
        "total": total,
        "collections": len(collections.listing(request.access)),
        "archive": next(
            (one for one in archives.listing(request.access, "export") if one.state == "done"), None
        ),
    }
    status = 422 if form.errors else 200
    return render(request, "pages/erase.html", context, status=status)


@vault_required
def hold(request: VaultRequest) -> HttpResponse:
    """The last look. What is sent before the hold is over changes nothing."""
    found = erasehold.held(request)
    if found is None:
        return redirect("erase")
    if request.method == "POST" and "keep" in request.POST:
        erasehold.release(request)
        return redirect("data")
    if request.method == "POST" and not found.left:
        return _erase(request, found)
    if request.method == "POST":  # to an address of its own: loaded again, it must not erase
        return redirect(f"{reverse('erase-hold')}?early=yes")
    early = "early" in request.GET and found.left > 0
    context = {"held": found, "hold": int(HOLD.total_seconds()), "early": early}
    return render(request, "pages/erase_hold.html", context)


def _erase(request: VaultRequest, said: Held) -> HttpResponse:
    erasehold.release(request)
    owner = owner_of(request)
    assert isinstance(owner, AbstractUser)  # noqa: S101  (the project has no other)
    erasure = erasing.begin(request.access, owner, keep_account=said.keep_account)
    close_vault(request)
    once.drop_all(request)
    logout(request)
    request.session[_RECEIPT] = str(erasure)
    return redirect("erased")


def erased(request: HttpRequest) -> HttpResponse:
    """How far it is, then what was deleted. Only this browser knows the receipt."""
    try:
        receipt = erasing.receipt(UUID(request.session.get(_RECEIPT, "")))
    except (ValueError, NotFound):
        raise Http404 from None
    context = {"receipt": receipt, "lines": _lines(receipt), "title": _title(receipt)}
    page = "pages/erased.html"
    return render(request, f"{page}#state" if request.headers.get("HX-Request") else page, context)


def _title(receipt: Receipt) -> str:
    done = receipt.finished_at is not None
    return gettext("Everything is erased") if done else gettext("Erasing everything")


def _lines(receipt: Receipt) -> list[str]:
    """What it says in words; rows that a person knows no name for are counted together."""
    named = [(words, receipt.counts.get(key, 0)) for key, words in ERASED_LINES.items()]
    rest = sum(count for key, count in receipt.counts.items() if key not in ERASED_LINES)
    return [erased_line(words, count) for words, count in (*named, (OTHER_ROWS, rest)) if count]
