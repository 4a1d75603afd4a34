"""`GET me`: who this token is, what it may see and add, and until when."""

from datetime import datetime
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
from vault.access import Access
from vault.models import Grant
from vault.scope import vault_scope


class GranteeShape(serializers.Serializer[Any]):
    """Who asks: "owner" in their own session, "token" for an app."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = Words()


class MeShape(serializers.Serializer[Any]):
    """This token's grant."""

    grantee = GranteeShape()
    expires_at = serializers.DateTimeField(allow_null=True)
    collections = CollectionShape(many=True)


class Me(ApiView):
    @extend_schema(responses=MeShape, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who I am: the grantee, its collections with *see* and *add*, and when it ends."""
        access = asker(request)
        mine = {
            "grantee": access.asker,
            "expires_at": _ends(access),
            "collections": collections.listing(access),
        }
        return Response(MeShape(mine).data)


def _ends(access: Access) -> datetime | None:
    with vault_scope(access.vault_id):
        mine = Grant.objects.filter(vault_id=access.vault_id, id=access.asker.id)
        return mine.values_list("expires_at", flat=True).first()
