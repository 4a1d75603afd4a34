"""Pages by cursor: `limit` and `cursor` go in, `next` comes out and is null at the end."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api.rest import shapes
from api.rest.body import MOST_RESULTS, Body, Number, Text
from api.rest.shapes import MemoryShape
from vault.types import Page

PAGE = 50


class Paging(Body):
    """The part of a query string that pages."""

    limit = Number(min_value=1, max_value=MOST_RESULTS, default=PAGE)
    cursor = Text(max_length=500, required=False)


LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST_RESULTS, "default": PAGE},
    description=f"1 to {MOST_RESULTS}, {PAGE} if left out.",
)
PARAMETERS = [LIMIT, OpenApiParameter("cursor", str, description="`next` of the page before.")]


class MemoryPage(serializers.Serializer[Any]):
    """One page of memories, the newest first."""

    memories = MemoryShape(many=True)
    next = serializers.CharField(allow_null=True, source="cursor")


def shown(page: Page) -> dict[str, Any]:
    return {"memories": shapes.shown(page.memories), "next": page.cursor}
