"""`GET access-log`: who saw what, for the owner; as pages, or whole as NDJSON."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request
from rest_framework.response import Response

from api import pagination
from api.auth import asker
from api.parsing import JsonOnly
from api.rest.body import Id, read_query
from api.rest.shapes import Words
from api.rest.view import ApiView
from vault.access import Access
from vault.errors import Invalid, Tampered
from vault.keys import server_secrets
from vault.log import access_log, log_check, log_export

NDJSON = "application/x-ndjson"
_PURPOSE = "log page"
_GRANT = OpenApiParameter(
    "grant_id", {"type": "string", "format": "uuid"}, description="Only lines of this grant."
)


class LineShape(serializers.Serializer[Any]):
    """One line: who did what, with which memories, and why."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    asker = Words(source="asker_name")
    asker_kind = serializers.ChoiceField(["owner", "token", "job"])
    grant_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(help_text="Of the grant, when it asked.")
    action = serializers.CharField()
    purpose = Words()
    count = serializers.IntegerField()
    memory_ids = serializers.ListField(child=serializers.UUIDField())


class LogPage(serializers.Serializer[Any]):
    """One page, the newest line first."""

    entries = LineShape(many=True)
    next = serializers.CharField(allow_null=True)


class LogPaging(pagination.Paging):
    """The query string."""

    grant_id = Id(required=False)


class JsonOrLines(JsonOnly):
    """Takes NDJSON for the whole log; all else as everywhere."""

    def select_renderer(self, request: Request, renderers: Any, *args: Any) -> Any:
        try:
            return super().select_renderer(request, renderers, *args)
        except NotAcceptable:
            if not _wants_lines(request):
                raise
            return renderers[0], renderers[0].media_type


class AccessLog(ApiView):
    owner_only = True
    content_negotiation_class = JsonOrLines

    @extend_schema(
        parameters=[*pagination.PARAMETERS, _GRANT],
        responses={(200, "application/json"): LogPage, (200, NDJSON): LineShape},
        operation_id="access_log",
    )
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """Pages of the log, the newest line first. With `Accept: application/x-ndjson` all of it,
        the oldest line first, each with the link that chains it to the one before."""
        access, said = asker(request), read_query(request, LogPaging)
        if _wants_lines(request):
            if request.query_params:
                raise Invalid("The whole log is sent: leave the parameters out.", "body")
            log_check.head(access)  # what is wrong there is a problem, not a broken file
            return StreamingHttpResponse(log_export.export(access), content_type=NDJSON)
        return Response(LogPage(_page(access, **said)).data)


def _wants_lines(request: Request) -> bool:
    accepts = request._request.accepts
    return accepts(NDJSON) and not accepts("application/json")


def _page(access: Access, limit: int, cursor: str = "", **only: Any) -> dict[str, Any]:
    before = _read(access, cursor) if cursor else None
    found = access_log.listing(access, limit=limit + 1, before_seq=before, **only)
    entries, more = found[:limit], len(found) > limit
    return {"entries": entries, "next": _written(access, entries[-1].seq) if more else None}


def _written(access: Access, seq: int) -> str:
    return server_secrets.seal(access.vault_id.int, str(seq), _PURPOSE)


def _read(access: Access, cursor: str) -> int:
    try:
        return int(server_secrets.open_(access.vault_id.int, cursor, _PURPOSE))
    except (Tampered, UnicodeError):
        raise Invalid("This cursor is not one of ours. Start again without it.", "cursor") from None
