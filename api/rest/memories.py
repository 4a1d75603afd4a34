"""`memories`: list, remember, read, revise, forget, and what one said before."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import pagination
from api.auth import asker
from api.challenges import ADDING, CHANGING, READING
from api.idempotency import HEADER, Done, key_of, once
from api.preconditions import etag, if_match
from api.rest.body import Body, Choice, Filters, Flag, Id, Moment, Text, read, read_query
from api.rest.shapes import MemoryShape, RevisionShape, SuggestionShape
from api.rest.view import ApiView
from vault import browse, memories
from vault.access import Access
from vault.errors import Invalid, Refused
from vault.text import LONGEST
from vault.types import KINDS, Draft, Memory, Suggestion

LONGEST_TITLE = 300

_IF_MATCH = OpenApiParameter("If-Match", str, "header", description="The ETag that was read.")
_KEY = OpenApiParameter(HEADER, str, "header", description="Repeating it does not write twice.")
_LISTS = [
    OpenApiParameter(
        "kinds",
        {"type": "array", "items": {"type": "string", "enum": list(KINDS)}},
        description="Kinds with commas between them.",
        style="form",
        explode=False,
    ),
    OpenApiParameter(
        "collections",
        {"type": "array", "items": {"type": "string"}},  # one of "" is written as none at all
        description="Ids with commas between them.",
        style="form",
        explode=False,
    ),
]


class NewMemory(Body):
    """Something to remember. `collection_id` may be left out where there is only one to add to."""

    text = Text(max_length=LONGEST)
    kind = Choice(KINDS, default="fact")
    title = Text(max_length=LONGEST_TITLE, default="", allow_blank=True)
    collection_id = Id(required=False)
    occurred_at = Moment(required=False)
    valid_from = Moment(required=False, help_text="It is true from then on.")
    valid_until = Moment(required=False, help_text="It was true until then.")


class Change(Body):
    """What to change; what is left out stays."""

    least = 1
    text = Text(max_length=LONGEST, required=False)
    kind = Choice(KINDS, required=False)
    title = Text(max_length=LONGEST_TITLE, required=False, allow_blank=True)
    pinned = Flag(required=False)
    valid_from = Moment(required=False, allow_null=True, help_text="null takes it away.")
    valid_until = Moment(required=False, allow_null=True, help_text="null takes it away.")


class Listing(Filters, pagination.Paging):
    """The query string of `GET memories`."""


class RevisionList(serializers.Serializer[Any]):
    """Earlier states, the newest first."""

    revisions = RevisionShape(many=True)


class Memories(ApiView):
    needs = {"GET": READING, "POST": ADDING}

    @extend_schema(
        parameters=[*pagination.PARAMETERS, *_LISTS],
        responses=pagination.MemoryPage,
        operation_id="memories_list",
    )
    def get(self, request: Request) -> Response:
        """Memories this asker may see, the newest first."""
        page = browse.listing(asker(request), **read_query(request, Listing))
        return Response(pagination.shown(page))

    @extend_schema(
        parameters=[_KEY],
        request=NewMemory,
        responses={201: MemoryShape, 202: SuggestionShape},
        operation_id="memories_remember",
    )
    def post(self, request: Request) -> Response:
        """Remember something. 202 when it waits for the owner, as the grant says; 201 with `held`
        when it was kept, and is in no answer before the owner has looked at it."""
        access, body, key = asker(request), read(request, NewMemory), key_of(request)
        if not key:
            return _answer(_remember(access, body), 201)
        done, new = once(access, key, request.data, lambda: _done(_remember(access, body)))
        response = _waiting(done.resource_id) if done.status == 202 else _again(access, done)
        response["Idempotent-Replayed"] = "false" if new else "true"
        return response


class OneMemory(ApiView):
    needs = {"GET": READING, "PATCH": CHANGING, "DELETE": CHANGING}

    @extend_schema(responses=MemoryShape, operation_id="memories_get")
    def get(self, request: Request, memory_id: UUID) -> Response:
        """One memory, with its sources and its ETag."""
        return _answer(memories.get(asker(request), memory_id), 200)

    @extend_schema(
        parameters=[_IF_MATCH],
        request=Change,
        responses={200: MemoryShape, 202: SuggestionShape},
        operation_id="memories_revise",
    )
    def patch(self, request: Request, memory_id: UUID) -> Response:
        """Change it. With If-Match: 412 when somebody else did so meanwhile."""
        access, body = asker(request), read(request, Change)
        revised = memories.revise(access, memory_id, if_revision=if_match(request), **body)
        return _answer(revised, 200)

    @extend_schema(
        parameters=[_IF_MATCH],
        request=None,
        responses={204: None, 202: SuggestionShape},
        operation_id="memories_forget",
    )
    def delete(self, request: Request, memory_id: UUID) -> Response:
        """Forget it. The owner can undo that for 30 days; for tokens it is gone at once."""
        outcome = memories.forget(asker(request), memory_id, if_revision=if_match(request))
        return _waiting(outcome.id) if isinstance(outcome, Suggestion) else Response(status=204)


class History(ApiView):
    needs = {"GET": READING}

    @extend_schema(responses=RevisionList, operation_id="memories_history")
    def get(self, request: Request, memory_id: UUID) -> Response:
        """What it said before, the newest first."""
        found = memories.history(asker(request), memory_id)
        return Response(RevisionList({"revisions": found}).data)


def _remember(access: Access, body: dict[str, Any]) -> Memory | Suggestion:
    fields = dict(body)
    collection_id = fields.pop("collection_id", None) or _only_collection(access)
    return memories.remember(access, collection_id, Draft(**fields))


def _only_collection(access: Access) -> UUID:
    """The one this asker may add to; never a guess among several."""
    open_to_it = [collection for collection in access.rights if access.may_add(collection) != "no"]
    if not open_to_it:
        raise Refused("This grant may not add anything.")
    if len(open_to_it) > 1:
        raise Invalid("Name the collection: `GET collections` lists them.", "collection_id")
    return open_to_it[0]


def _done(outcome: Memory | Suggestion) -> Done:
    return Done(202 if isinstance(outcome, Suggestion) else 201, outcome.id)


def _again(access: Access, done: Done) -> Response:
    return _answer(memories.written(access, done.resource_id), done.status)


def _answer(outcome: Memory | Suggestion, status: int) -> Response:
    if isinstance(outcome, Suggestion):
        return _waiting(outcome.id)
    headers = {"ETag": etag(outcome)}
    if status == 201 and not outcome.held:  # else there is nothing yet at that address
        headers["Location"] = f"/api/v1/memories/{outcome.id}"
    return Response(MemoryShape(outcome).data, status, headers=headers)


def _waiting(suggestion_id: UUID) -> Response:
    return Response(SuggestionShape({"id": suggestion_id}).data, 202)
