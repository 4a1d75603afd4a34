"""Your data: take everything out as one locked file, watch it being made, and download it."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.forms.data import ExportForm, OpenArchiveForm
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.stepup import StepUpForm
from frontend.words.datawords import ARCHIVE_NAMES, MAKING, RESTORING
from sync.archives import archives, exports, restores
from sync.archives.archive_types import Archive
from sync.errors import NotNow
from vault.archive import passphrases
from vault.archive.errors import ArchiveError
from vault.errors import Invalid, Refused


@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def data(request: VaultRequest) -> HttpResponse:
    """What can be done with all of it at once."""
    form = ExportForm(
        request.POST or None, request=request, initial={"offered": passphrases.made_up()}
    )
    if form.is_valid():
        said = form.cleaned_data
        wanted = ("passphrase", "again", "vectors", "embedder_keys")
        try:
            begun = exports.begin(
                request.access, form.owner_key, **{name: said[name] for name in wanted}
            )
        except (Invalid, NotNow) as error:
            form.add_error(None, str(error))
        else:
            return redirect("archive", begun.id)
    context = {
        "form": form,
        "exports": [one for one in archives.listing(request.access, "export") if _shown(one)],
        "restores": [one for one in archives.listing(request.access, "restore") if one.running],
        "empty": restores.is_empty(request.access),
    }
    return render(request, "pages/data.html", context)


@vault_required
def archive(request: VaultRequest, job_id: UUID) -> HttpResponse:
    """Where one is. While it is going on, the page asks for this again."""
    return _state(request, archives.get(request.access, job_id))


@vault_required
@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def start(request: VaultRequest, job_id: UUID) -> HttpResponse:
    """The passphrase of an archive that was brought: restoring begins."""
    form = OpenArchiveForm(request.POST, request=request)
    if form.is_valid():
        said = form.cleaned_data
        try:
            restores.start(
                request.access,
                form.owner_key,
                job_id,
                said["passphrase"],
                embedders=said["embedders"],
            )
        except (ArchiveError, Refused, NotNow) as error:
            form.add_error("passphrase" if isinstance(error, ArchiveError) else None, str(error))
        else:
            return redirect("archive", job_id)
    return _state(request, archives.get(request.access, job_id), form)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def resume(request: VaultRequest, job_id: UUID) -> HttpResponse:
    """The worker or its keys were lost: the owner's word lets it go on."""
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        return _then(
            request, job_id, lambda: archives.resume(request.access, form.owner_key, job_id)
        )
    one = archives.get(request.access, job_id)
    return render(request, "pages/archive_resume.html", {"form": form, "one": one})


@vault_required
@require_POST
def cancel(request: VaultRequest, job_id: UUID) -> HttpResponse:
    return _then(request, job_id, lambda: archives.cancel(request.access, job_id))


@vault_required
def download(request: VaultRequest, job_id: UUID) -> HttpResponse:
    """The archive as it is: locked with the passphrase."""
    file, one = exports.open_file(request.access, job_id)
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=f"satchel-vault-{one.started_at:%Y-%m-%d}.age",
        content_type="application/octet-stream",
    )
    answer["Content-Encoding"] = "identity"  # what is encrypted does not shrink
    return cast(HttpResponse, answer)


def _state(
    request: VaultRequest, one: Archive, form: OpenArchiveForm | None = None
) -> HttpResponse:
    context = {
        "one": one,
        "title": _title(one),
        "counts": [(words, one.counts.get(key, 0)) for key, words in ARCHIVE_NAMES.items()],
        "form": form or OpenArchiveForm(request=request),
    }
    page = "pages/archive.html"
    return render(request, f"{page}#state" if request.htmx else page, context)


def _then(request: VaultRequest, job_id: UUID, act: Callable[[], Archive]) -> HttpResponse:
    try:
        act()
    except NotNow as error:
        messages.error(request, str(error))
    return redirect("archive", job_id)


def _shown(one: Archive) -> bool:
    return one.running or one.state == "done"


def _title(one: Archive) -> str:
    return str((MAKING if one.kind == "export" else RESTORING)[one.state])
