"""`GET me`: who this token is, what it may see and add, and until when."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.rest.collections import CollectionShape
from api.rest.shapes import Words
from api.rest.view import ApiView
from vault import collections
from vault.granting.scopes import SCOPES


class GranteeShape(serializers.Serializer[Any]):
    """Who asks: "owner" in their own session, "token" for an app."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = Words()


class MeShape(serializers.Serializer[Any]):
    """This token's grant."""

    grantee = GranteeShape()
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(SCOPES)),
        allow_null=True,
        help_text="Of an app's OAuth token; null for an API token, which does what it was granted.",
    )
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="When the grant ends, and all its tokens with it."
    )
    collections = CollectionShape(many=True)


class Me(ApiView):
    @extend_schema(responses=MeShape, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who I am: the grantee, its collections with *see* and *add*, and when it ends."""
        access = asker(request)
        mine = {
            "grantee": access.asker,
            "scopes": None if access.scopes is None else sorted(access.scopes),
            "expires_at": access.expires_at,
            "collections": collections.listing(access),
        }
        return Response(MeShape(mine).data)
