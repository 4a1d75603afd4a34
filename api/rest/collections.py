"""`collections`: those this asker has any right in; the owner renames them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.openapi import PROBLEM
from api.rest.body import Body, Flag, Text, read
from api.rest.shapes import Words
from api.rest.view import ApiView
from vault import collections
from vault.collections import LONGEST_NAME
from vault.errors import KeyNeeded


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


class NewCollection(Body):
    """A named group of memories."""

    name = Text(max_length=LONGEST_NAME)
    private = Flag(default=False, help_text="Left out of new grants unless ticked.")


class CollectionChange(Body):
    """What to change; what is left out stays."""

    least = 1
    name = Text(max_length=LONGEST_NAME, required=False)
    private = Flag(required=False)


class Collections(ApiView):
    page = "/settings/collections/new/"

    @extend_schema(responses=CollectionList, operation_id="collections")
    def get(self, request: Request) -> Response:
        """The collections this asker may see or add to. Others do not exist here."""
        found = collections.listing(asker(request))
        return Response(CollectionList({"collections": found}).data)

    @extend_schema(request=NewCollection, responses=PROBLEM, operation_id="collections_make")
    def post(self, request: Request) -> Response:
        """The owner's; always 403 `step-up-required`: a collection is made on the page that `page`
        names, where the owner enters their password or uses a passkey."""
        asker(request).must_own()
        read(request, NewCollection)
        raise KeyNeeded


class OneCollection(ApiView):
    owner_only = True

    @property
    def page(self) -> str:  # type: ignore[override]
        return f"/settings/collections/{self.kwargs['collection_id']}/delete/"

    @extend_schema(
        request=CollectionChange, responses=CollectionShape, operation_id="collections_change"
    )
    def patch(self, request: Request, collection_id: UUID) -> Response:
        """Rename it, or say whether it is private."""
        access, said = asker(request), read(request, CollectionChange)
        name = said.get("name") or collections.get(access, collection_id).name
        done = collections.rename(access, collection_id, name=name, private=said.get("private"))
        return Response(CollectionShape(done).data)

    @extend_schema(responses=PROBLEM, operation_id="collections_delete")
    def delete(self, request: Request, collection_id: UUID) -> Response:
        """Always 403 `step-up-required`: a collection is deleted on the page that `page` names,
        where the owner enters their password or uses a passkey."""
        collections.get(asker(request), collection_id)
        raise KeyNeeded
