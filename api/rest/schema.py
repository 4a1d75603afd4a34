"""`GET schema`: this API as an OpenAPI 3.1 document."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.rest.view import OpenView


class OpenApi(OpenView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The document. It is the same for everybody and tells nothing of any vault."""
        return Response(document())


@cache
def document() -> dict[str, Any]:
    # Generating takes a tenth of a second; once per process is enough.
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    return dict(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
