"""`POST search`: memories that answer a query, the best first."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import asker
from api.challenges import READING
from api.rest.body import LONGEST_QUERY, MOST_RESULTS, Filters, Moment, Number, Text, read
from api.rest.shapes import Degraded, HitShape, hits
from api.rest.view import ApiView
from vault.log.access_log import LONGEST_PURPOSE
from vault.recalling import recall


class SearchBody(Filters):
    """What to look for."""

    query = Text(max_length=LONGEST_QUERY)
    limit = Number(min_value=1, max_value=MOST_RESULTS, default=10)
    after = Moment(required=False, help_text="From this moment on.")
    before = Moment(required=False, help_text="Before this moment.")
    purpose = Text(
        max_length=LONGEST_PURPOSE, default="", allow_blank=True, help_text="Shown to the owner."
    )


class SearchAnswer(serializers.Serializer[Any]):
    """What was found."""

    memories = HitShape(many=True)
    degraded = Degraded()


class Search(ApiView):
    needs = {"POST": READING}

    @extend_schema(request=SearchBody, responses=SearchAnswer, operation_id="search")
    def post(self, request: Request) -> Response:
        """Ranked memories with scores, out of the collections this asker may see."""
        found = recall.search(asker(request), **read(request, SearchBody))
        return Response({"memories": hits(found), "degraded": found.degraded})
