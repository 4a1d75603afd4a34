"""`grants`: who may see and add what. The owner's session takes away here; giving takes the
password or a passkey, which pages ask for and the API never takes."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.openapi import PROBLEM
from api.rest.body import Body, Choice, Flag, Id, Moment, Text, read
from api.rest.shapes import Words
from api.rest.view import ApiView
from vault.access import Access
from vault.errors import Invalid, KeyNeeded
from vault.granting import grants
from vault.scope import vault_scope
from vault.types import Grant, Right

ADDS = ("no", "ask", "yes")
KINDS = ("token", "app", "connection", "model")
STATES = ("active", "paused", "expired", "revoked")
MOST_RIGHTS = 200


class RightShape(serializers.Serializer[Any]):
    """What a grantee may do in one collection."""

    collection_id = serializers.UUIDField()
    see = serializers.BooleanField()
    add = serializers.ChoiceField(ADDS)


class GrantShape(serializers.Serializer[Any]):
    """One grantee: an app with an API token or by OAuth, a connection, a model."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(KINDS)
    name = Words()
    state = serializers.ChoiceField(STATES)
    version = serializers.IntegerField(help_text="Counts up when the owner changes its rights.")
    rights = serializers.SerializerMethodField()
    confirmed_only = serializers.BooleanField(
        help_text="It sees only what the owner wrote or confirmed."
    )
    later = serializers.BooleanField(
        help_text="It sees what comes into its collections later, too; else only what was there"
        " when it was given them, and what it added itself."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)

    def get_rights(self, grant: Grant) -> RightShape(many=True):  # type: ignore[valid-type]
        return [
            {"collection_id": str(collection), "see": right.see, "add": right.add}
            for collection, right in grant.rights.items()
        ]


class GrantList(serializers.Serializer[Any]):
    """The newest first, ended ones too."""

    grants = GrantShape(many=True)


class RightBody(Body):
    """One collection of a grant."""

    collection_id = Id()
    see = Flag(default=False)
    add = Choice(ADDS, default="no")


def _no_twins(rights: list[dict[str, Any]]) -> None:
    if len({right["collection_id"] for right in rights}) < len(rights):
        raise serializers.ValidationError("Name each collection once.")


class NewGrant(Body):
    """A grant with an API token."""

    name = Text(max_length=grants.LONGEST_NAME)
    rights = serializers.ListField(
        child=RightBody(), max_length=MOST_RIGHTS, validators=[_no_twins]
    )
    expires_at = Moment()
    confirmed_only = Flag(default=False)
    later = Flag(default=True)


class GrantChange(Body):
    """What to change; what is left out stays. `rights`, if sent, are all it has from then on."""

    least = 1
    name = Text(max_length=grants.LONGEST_NAME, required=False)
    rights = serializers.ListField(
        child=RightBody(), max_length=MOST_RIGHTS, required=False, validators=[_no_twins]
    )
    expires_at = Moment(required=False)
    confirmed_only = Flag(required=False)
    later = Flag(required=False)
    paused = Flag(required=False)


class Grants(ApiView):
    owner_only = True
    page = "/grants/new/"

    @extend_schema(responses=GrantList, operation_id="grants_list")
    def get(self, request: Request) -> Response:
        """Every grant, and what it may do."""
        return Response(GrantList({"grants": grants.listing(asker(request))}).data)

    @extend_schema(request=NewGrant, responses=PROBLEM, operation_id="grants_make")
    def post(self, request: Request) -> Response:
        """Always 403 `step-up-required`: a grant is made on the page that `page` names, where the
        owner enters their password or uses a passkey."""
        read(request, NewGrant)
        raise KeyNeeded


class OneGrant(ApiView):
    owner_only = True

    @property
    def page(self) -> str:  # type: ignore[override]
        return f"/grants/{self.kwargs['grant_id']}/change/"

    @extend_schema(responses=GrantShape, operation_id="grants_get")
    def get(self, request: Request, grant_id: UUID) -> Response:
        """One grant."""
        return Response(GrantShape(grants.get(asker(request), grant_id)).data)

    @extend_schema(request=GrantChange, responses=GrantShape, operation_id="grants_change")
    def patch(self, request: Request, grant_id: UUID) -> Response:
        """Narrow it, pause it, end it earlier, rename it. It holds from its next request on. What
        would give it more, or let it go on, gets 403 `step-up-required`, and nothing is done."""
        access, said = asker(request), read(request, GrantChange)
        with vault_scope(access.vault_id):  # all of it or nothing
            _change(access, grant_id, said)
        return Response(GrantShape(grants.get(access, grant_id)).data)

    @extend_schema(responses={204: None}, operation_id="grants_revoke")
    def delete(self, request: Request, grant_id: UUID) -> Response:
        """Take it back: its keys are deleted, and its token opens nothing from now on."""
        grants.revoke(asker(request), grant_id)
        return Response(status=204)


def _change(access: Access, grant_id: UUID, said: dict[str, Any]) -> None:
    before = grants.get(access, grant_id)
    if {"rights", "expires_at", "confirmed_only", "later"} & said.keys():
        grants.change(
            access,
            grant_id,
            rights=_rights(said["rights"]) if "rights" in said else before.rights,
            expires_at=said.get("expires_at"),
            confirmed_only=said.get("confirmed_only"),
            later=said.get("later"),
        )
    if "name" in said:
        grants.rename(access, grant_id, said["name"])
    if said.get("paused"):
        grants.pause(access, grant_id)
    elif "paused" in said and before.state == "paused":
        raise KeyNeeded


def _rights(sent: list[dict[str, Any]]) -> dict[UUID, Right]:
    if not any(right["see"] or right["add"] != "no" for right in sent):
        raise Invalid("To leave it nothing, revoke it by DELETE.", "rights")
    return {right["collection_id"]: Right(right["see"], right["add"]) for right in sent}
