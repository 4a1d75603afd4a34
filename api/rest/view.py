"""What every address of the API has in common: who may ask, how often, in what form."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.auth import HasAccess, OwnerSession, TokenAuthentication
from api.errors import problem_handler
from api.openapi import Schema
from api.parsing import JsonOnly, JsonParser
from api.throttles import GrantThrottle, Rate


class ApiView(APIView):
    """Policies stand here and not in the settings, so that no setting can open the API."""

    authentication_classes = [TokenAuthentication, OwnerSession]
    permission_classes = [HasAccess]
    throttle_classes = [GrantThrottle]
    parser_classes = [JsonParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JsonOnly
    schema = Schema()

    def get_exception_handler(self) -> Any:
        return problem_handler

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """`Allow` says it all; there is no CORS."""
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        rate: Rate | None = getattr(request, "rate", None)
        for name, value in (rate.headers() if rate else {}).items():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


class OpenView(ApiView):
    """An address that needs no token and tells nothing of any vault."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []


@extend_schema(exclude=True)
class Nowhere(OpenView):
    """Every address under /api/ that there is not."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound
