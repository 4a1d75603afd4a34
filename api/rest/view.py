"""What every address of the API has in common: who may ask, how often, in what form."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.auth import HasAccess, OwnerSession, TokenAuthentication, asker
from api.challenges import Ways, must_reach
from api.errors import problem_handler
from api.openapi import Schema
from api.parsing import JsonOnly, JsonParser
from api.throttles import AddressThrottle, GrantThrottle, headers
from vault.access import Access


class ApiView(APIView):
    """Policies stand here and not in the settings, so that no setting can open the API."""

    authentication_classes = [TokenAuthentication, OwnerSession]
    permission_classes = [HasAccess]
    throttle_classes = [GrantThrottle, AddressThrottle]
    parser_classes = [JsonParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JsonOnly
    schema = Schema()

    needs: Mapping[str, Ways] = {}
    """By method: which scopes an app's token must have. What may be done is up to its `Access`;
    this tells apps what to ask for."""
    owner_only = False
    """Only the owner's own session; a grantee's token is refused."""
    page = ""
    """Where the owner does what needs the vault's key."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, Access):
            method = "GET" if request.method == "HEAD" else request.method or ""
            must_reach(request.auth, self.needs.get(method, ()))
        if self.owner_only:
            asker(request).must_own()

    def get_exception_handler(self) -> Any:
        return problem_handler

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """`Allow` says it all; there is no CORS."""
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        for name, value in headers(getattr(request, "rates", ())).items():
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
