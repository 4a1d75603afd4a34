"""`GET collections`: those this asker has any right in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.rest.shapes import Words
from api.rest.view import ApiView
from vault import collections


class CollectionShape(serializers.Serializer[Any]):
    """A named group of memories, and what this asker may do there."""

    id = serializers.UUIDField()
    name = Words()
    see = serializers.BooleanField(source="right.see")
    add = serializers.ChoiceField(["no", "ask", "yes"], source="right.add")
    count = serializers.IntegerField(
        allow_null=True, help_text="Memories in it; null where this asker may not see."
    )


class CollectionList(serializers.Serializer[Any]):
    """In the owner's order."""

    collections = CollectionShape(many=True)


class Collections(ApiView):
    @extend_schema(responses=CollectionList, operation_id="collections")
    def get(self, request: Request) -> Response:
        """The collections this asker may see or add to. Others do not exist here."""
        found = collections.listing(asker(request))
        return Response(CollectionList({"collections": found}).data)
