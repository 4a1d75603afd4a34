"""In which language an answer is: pages in the reader's, what apps call in English."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

_MACHINES = ("/api/", "/hooks/", "/oauth/", "/.well-known/")
_PAGES = ("/oauth/authorize",)


class LanguageMiddleware(LocaleMiddleware):
    """A page is in the language that its browser chose, or else asks for.

    The thread is left as it was found: the next that works in it may answer a machine.
    """

    def process_request(self, request: HttpRequest) -> None:
        if for_machines(request.path_info):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        try:
            if for_machines(request.path_info):
                return response
            if response.headers.get("Content-Type", "").startswith("text/html"):
                patch_vary_headers(response, ["Cookie"])  # it may name the language
            return super().process_response(request, response)
        finally:
            translation.deactivate()


def for_machines(path: str) -> bool:
    """Whether apps read what this address answers: it is the same to each of them."""
    return path.startswith(_MACHINES) and not path.startswith(_PAGES)
