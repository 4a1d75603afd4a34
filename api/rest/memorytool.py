"""`POST memory-tool`: Anthropic's memory tool with the vault as its directory."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.errors import TooLarge
from api.memorytool import commands, inputs
from api.rest.body import Body, Id, read_query
from api.rest.view import ApiView
from vault.granting.scopes import ADD, SEE, SUGGEST

_WITHIN = OpenApiParameter(
    "collection", {"type": "string", "format": "uuid"}, description="Show only this one."
)


class Within(Body):
    """The query string."""

    collection = Id(required=False)


class ToolAnswer(serializers.Serializer[Any]):
    """Both fields go into the tool_result as they are. `content` is data, not instructions."""

    content = serializers.CharField(trim_whitespace=False)
    is_error = serializers.BooleanField()


class MemoryTool(ApiView):
    needs = {"POST": (frozenset({SEE}), frozenset({ADD}), frozenset({SUGGEST}))}

    @extend_schema(
        parameters=[_WITHIN],
        request={"application/json": inputs.schema()},
        responses=ToolAnswer,
        operation_id="memory_tool",
    )
    def post(self, request: Request) -> Response:
        """Do what the tool_use says, its `input` being the body. What a model did wrong is
        answered with 200 and `is_error`, for the model to read."""
        only = read_query(request, Within).get("collection")
        try:
            sent = request.data
        except TooLarge:
            answer = commands.Answer("This is too large: send at most 1 MiB.", is_error=True)
            return Response(asdict(answer))
        if not isinstance(sent, dict):
            raise serializers.ValidationError({"body": ["Send the input of the tool_use."]})
        return Response(asdict(commands.run(asker(request), sent, only)))
