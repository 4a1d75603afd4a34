"""`POST context`: the main call. What a model should know for this task, within a budget."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.challenges import READING
from api.rest.body import LONGEST_QUERY, MOST_MESSAGES, Body, Choice, Filters, Number, Text, read
from api.rest.shapes import Degraded, HitShape, hits
from api.rest.view import ApiView
from vault.log.access_log import LONGEST_PURPOSE
from vault.recalling import recall
from vault.text import LONGEST, clean

ROLES = ("user", "assistant", "system", "developer", "tool")


class Message(Body):
    """One message of the conversation so far, as chat APIs have it."""

    role = Choice(ROLES)
    content = Text(max_length=LONGEST, allow_blank=True)


class ContextBody(Filters):
    """What the task is about: a query, or the conversation so far, or neither for the profile."""

    query = Text(max_length=LONGEST_QUERY, default="", allow_blank=True)
    messages = serializers.ListField(child=Message(), max_length=MOST_MESSAGES, default=list)
    max_tokens = Number(min_value=50, max_value=32_000, default=1000)
    format = Choice(["markdown", "json"], default="markdown")
    purpose = Text(
        max_length=LONGEST_PURPOSE, default="", allow_blank=True, help_text="Shown to the owner."
    )


class ContextAnswer(serializers.Serializer[Any]):
    """`context` goes into a prompt as data; `memories` are what it was made of."""

    context = serializers.CharField(  # type: ignore[assignment]  # DRF takes it off the class
        help_text="Markdown; empty when format is json."
    )
    memories = HitShape(many=True)
    used_tokens = serializers.IntegerField()
    degraded = Degraded()


class Context(ApiView):
    needs = {"POST": READING}

    @extend_schema(request=ContextBody, responses=ContextAnswer, operation_id="context")
    def post(self, request: Request) -> Response:
        """Profile and instructions first, then what is relevant, each with an id to cite."""
        body = read(request, ContextBody)
        wanted = body.pop("format")
        body["messages"] = [message["content"] for message in body["messages"]]
        made = recall.context(asker(request), **body)
        text = clean(made.text) if wanted == "markdown" else ""
        answer: dict[str, Any] = {"context": text, "memories": hits(made.hits)}
        answer |= {"used_tokens": made.used_tokens, "degraded": made.degraded}
        return Response(answer)
