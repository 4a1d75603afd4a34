"""Bringing a vault archive back: the upload, which may be larger than any other."""

from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from frontend.signin.gate import VaultRequest, vault_required
from sync.archives import restores
from sync.archives.archive_uploads import ArchiveUploadHandler
from sync.errors import NotNow
from sync.importing.uploads import SealedUpload
from vault.errors import Invalid, Refused


@csrf_exempt
def restore(request: HttpRequest) -> HttpResponse:
    """Sets who takes the upload before anything reads the form; `_restore` then checks it."""
    request.upload_handlers = [ArchiveUploadHandler(request)]
    return _restore(request)


@csrf_protect
@vault_required
def _restore(request: VaultRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    by_script = request.headers.get("Accept") == "application/json"
    try:
        upload = cast(SealedUpload | None, request.FILES.get("file"))
        begun = restores.begin(request.access, upload)
    except (Invalid, NotNow, Refused) as error:
        if by_script:
            return JsonResponse({"error": str(error)}, status=422)
        return _page(request, str(error))
    address = reverse("archive", args=[begun.id])
    return JsonResponse({"next": address}) if by_script else redirect(address)


def _page(request: VaultRequest, error: str = "") -> HttpResponse:
    context = {
        "error": error,
        "empty": restores.is_empty(request.access),
        "largest": restores.LARGEST,
    }
    return render(request, "pages/restore.html", context, status=422 if error else 200)
