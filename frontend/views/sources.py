"""The colours of the sources as a stylesheet: connectors name them, pages only use `--source`."""

from django.http import HttpRequest, HttpResponse

from frontend.words.sources import stylesheet as css


def stylesheet(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(css(), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
