"""The access log as a whole: check it, export it, compare it with an export, say how long it is
kept, and accept a vault that was put back from a backup."""

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.anchoring import Anchoring
from frontend.forms.log import CompareForm, KeepForm
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from sync.importing.uploads import SealedUpload
from vault import files
from vault.access import Access
from vault.errors import Invalid, Tampered
from vault.log import log_check, log_compare, log_export, log_keeping
from vault.log.log_chain import Place
from vault.log.log_compare import LONGEST_LINE, Compared


@vault_required
@require_POST
def check(request: VaultRequest) -> HttpResponse:
    """Verify the log, a long one in several parts: each answer asks for the next."""
    context: dict[str, object]
    try:
        found = log_check.check(request.access, _place(request.POST))
        context = {
            "found": found,
            "link": found.place.link.hex(),
            "head": log_check.head(request.access),
        }
    except Tampered as error:
        context = {"problem": str(error)}
    page = "pages/log_check.html"
    return render(request, f"{page}#check" if request.htmx else page, context)


@vault_required
def export(request: VaultRequest) -> HttpResponse:
    """The whole log as a file, while it is read; one that was altered as it is found."""
    answer = StreamingHttpResponse(
        log_export.export(request.access), content_type="application/x-ndjson"
    )
    name = f"satchel-access-log-{timezone.now():%Y-%m-%d}.ndjson"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast(HttpResponse, answer)  # Django's own type for answers in pieces stands beside it


@vault_required
def compare(request: VaultRequest) -> HttpResponse:
    """Hold an earlier export against the log."""
    form = CompareForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        try:
            context["found"] = _compared(request, form)
        except Invalid as error:
            form.add_error("export" if form.cleaned_data["export"] else "lines", str(error))
    return render(request, "pages/log_compare.html", context)


@keeps_typed(fields_of(KeepForm))
@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def keep(request: VaultRequest) -> HttpResponse:
    """How long lines are kept."""
    now = log_check.head(request.access)
    form = KeepForm(
        request.POST or None, request=request, initial={"days": str(now.keep_days or "")}
    )
    hand_back(request, form)
    if form.is_valid():
        log_keeping.keep(request.access, form.cleaned_data["days"])
        messages.success(request, gettext("Saved. What is older now is deleted tonight."))
        return redirect("log-keep")
    return render(request, "pages/log_keep.html", {"form": form, "head": now})


@vault_required
@require_POST
def accept(request: VaultRequest) -> HttpResponse:
    """The owner restored a backup: what is there now is what this browser remembers."""
    anchoring: Anchoring = request.anchoring  # type: ignore[attr-defined]
    anchoring.accept()
    messages.success(request, gettext("This browser remembers your vault as it is now."))
    return redirect("activity")


def _place(sent: QueryDict) -> Place | None:
    """Where the last part came. A wrong one can only make the check fail."""
    seq, link = sent.get("seq", ""), sent.get("link", "")
    try:
        return Place(int(seq), bytes.fromhex(link)) if seq.isdecimal() and link else None
    except ValueError:
        return None


def _compared(request: VaultRequest, form: CompareForm) -> Compared:
    upload: SealedUpload | None = form.cleaned_data["export"]
    if upload is None:
        pasted = io.BytesIO(form.cleaned_data["lines"].strip().encode("utf-8", "replace"))
        return log_compare.compare(request.access, _lines(pasted))
    with _content(request.access, upload) as content:
        return log_compare.compare(request.access, _lines(content))


def _lines(content: BinaryIO) -> Iterator[bytes]:
    while line := content.readline(LONGEST_LINE + 1):
        yield line


def _content(access: Access, upload: SealedUpload) -> BinaryIO:
    """What was uploaded: it is sealed on arrival, and goes when the request ends."""
    sealed, home = upload.sealed, min(access.rights)
    if sealed is None:
        raise Invalid(gettext("This file is too large for an export of an access log."), "export")
    epoch = access.keyring.epochs(home)[-1]
    kept = files.keep(access, home, epoch, sealed)
    return files.reader(access, home, epoch, sealed.id, kept, sealed.path.parent)
