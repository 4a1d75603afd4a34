"""`GET changes`: everything since, for mirrors and other instances."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import pagination
from api.auth import asker
from api.challenges import READING
from api.rest.body import read_query
from api.rest.shapes import MemoryShape
from api.rest.view import ApiView
from vault import feed

_CURSOR = OpenApiParameter("cursor", str, description="`next` of the answer before.")


class ChangeShape(serializers.Serializer[Any]):
    """A memory as it is now, or a tombstone."""

    id = serializers.UUIDField()
    memory = MemoryShape(
        allow_null=True, help_text="null: it is gone, or out of this asker's sight. Forget it."
    )


class ChangeList(serializers.Serializer[Any]):
    """The oldest change first; a memory stands where it last changed."""

    changes = ChangeShape(many=True)
    next = serializers.CharField(source="cursor", help_text="Keep it: it goes on from here.")
    more = serializers.BooleanField(help_text="There is more already. Ask again at once.")


class Changes(ApiView):
    needs = {"GET": READING}

    @extend_schema(
        parameters=[pagination.LIMIT, _CURSOR], responses=ChangeList, operation_id="changes"
    )
    def get(self, request: Request) -> Response:
        """What changed since `cursor`; without one everything this asker may see. 410 when the
        cursor is more than 30 days old: start again without it."""
        return Response(ChangeList(_since(request)).data)


def _since(request: Request) -> feed.Changes:
    said = read_query(request, pagination.Paging)
    return feed.since(asker(request), said.get("cursor"), limit=said["limit"])
