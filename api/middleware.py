"""The last word on every answer under /api/: never cached, and an error is a problem. Every request
is counted here, under whatever address.

It stands outside the other middleware, so it also sees what they refuse before a view runs: an
unknown host, an address that there is not.
"""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.errors import CONTENT_TYPE, body_of, problem_for_status
from api.metrics import counted

PREFIX = "/api/"


class ApiMiddleware:
    """Put it first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = counted(request, self._get_response)
        if request.path_info.startswith(PREFIX):
            if response.status_code >= 400 and not _is_json(response):
                _make_problem(response)
            response["Cache-Control"] = "no-store"
        return response


def _is_json(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return kind in ("application/json", CONTENT_TYPE)


def _make_problem(response: HttpResponse) -> None:
    body = body_of(problem_for_status(response.status_code)) | {"status": response.status_code}
    response.content = json.dumps(body).encode()
    response["Content-Type"] = CONTENT_TYPE
    response["Content-Length"] = str(len(response.content))
    del response["Content-Encoding"]
