"""`GET docs`: this API as a page, made from its OpenAPI document. It works without scripts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from api import reading
from api.rest.schema import document


class Docs(View):
    """The same for everybody; it needs no token and tells nothing of any vault."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        found = document()
        context = {
            "nouns": reading.operations(found),
            "shapes": reading.shapes(found),
            "address": request.build_absolute_uri(reading.PREFIX).rstrip("/"),
        }
        return render(request, "api/docs.html", context)
