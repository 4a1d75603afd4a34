"""How our answers leave: with the cookies we asked for, pages and fragments kept apart."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from frontend.signin.session import hand_over


class FragmentMiddleware:
    """One address answers a page or a fragment of it; the back button must not mix them up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        hand_over(request, response)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
            response.headers["Cache-Control"] = "private, no-store"
        return response
