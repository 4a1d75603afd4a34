"""`imports`: exports of other services, read into the vault. The owner's."""

from collections.abc import Sequence
from typing import Any, cast, get_args
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.rest.shapes import Words
from api.rest.view import ApiView
from sync.importing import imports
from sync.importing.uploads import SealedUpload
from sync.types import ImportState

STATES = get_args(ImportState)


class TroubleShape(serializers.Serializer[Any]):
    """Something that could not be read: `count` entries for this reason, `where` is the first."""

    where = Words()
    reason = Words()
    count = serializers.IntegerField()


class ImportShape(serializers.Serializer[Any]):
    """One reading of an export. What it found is judged and accepted on its page."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(STATES)
    vendor = serializers.CharField(help_text="Whose export it is; empty until that is known.")
    file_names = serializers.ListField(child=Words())
    collection_id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    bytes_total = serializers.IntegerField()
    bytes_read = serializers.IntegerField()
    found = serializers.DictField(child=serializers.IntegerField(), help_text="How many of what.")
    written = serializers.IntegerField()
    merged = serializers.IntegerField(help_text="Were there already; they got another source.")
    known = serializers.IntegerField(help_text="Were there already from this source.")
    problems = TroubleShape(many=True)
    error = serializers.CharField()
    stalled = serializers.BooleanField(help_text="Nobody works on it. Continue it on its page.")


class ImportList(serializers.Serializer[Any]):
    """The newest first; at most 100."""

    imports = ImportShape(many=True)


_FILES = {
    "multipart/form-data": {
        "type": "object",
        "required": ["files"],
        "properties": {
            "files": {
                "type": "array",
                "description": "Up to 50 files of up to 1 GB: exports as you got them.",
                "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            }
        },
    }
}


class Imports(ApiView):
    owner_only = True
    parser_classes = [MultiPartParser]

    @extend_schema(responses=ImportList, operation_id="imports_list")
    def get(self, request: Request) -> Response:
        """What was imported, and what is going on."""
        return Response(ImportList({"imports": imports.listing(asker(request))}).data)

    @extend_schema(request=_FILES, responses={202: ImportShape}, operation_id="imports_begin")
    def post(self, request: Request) -> Response:
        """Upload an export. It is sealed while it arrives, then read; nothing is added to the vault
        before you have accepted the preview on its page, `/import/{id}/`."""
        sent = cast(Sequence[SealedUpload], request.FILES.getlist("files"))
        begun = imports.begin(asker(request), sent)
        address = f"/api/v1/imports/{begun.id}"
        return Response(ImportShape(begun).data, 202, headers={"Location": address})


class OneImport(ApiView):
    owner_only = True

    @extend_schema(responses=ImportShape, operation_id="imports_get")
    def get(self, request: Request, import_id: UUID) -> Response:
        """Where it is."""
        return Response(ImportShape(imports.get(asker(request), import_id)).data)
