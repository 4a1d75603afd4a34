"""The web app manifest: what a phone or computer needs to know to install this site as an app."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_bidi, gettext
from django.views.decorators.http import require_safe

PAPER, BRAND = "#f6f8f7", "#0b5e63"
_AN_HOUR = 60 * 60


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """The same for everybody in one language: browsers fetch it without cookies."""
    said = {
        "id": "/",
        "name": "Satchel",
        "short_name": "Satchel",
        "description": gettext("One memory for every model you use, and you hold the keys."),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BRAND,
        "categories": ["productivity", "utilities"],
        "icons": icons(),
        "shortcuts": [
            {"name": gettext("Write a memory"), "url": reverse("memory-new")},
            {"name": gettext("Memories"), "url": reverse("memories")},
            {"name": gettext("Review"), "url": reverse("review")},
        ],
        # By POST, so that what is shared is in no address, history or log.
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    answer = JsonResponse(said, content_type="application/manifest+json")
    answer.headers["Cache-Control"] = f"public, max-age={_AN_HOUR}"
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])  # either may name the language
    return answer


def icons() -> list[dict[str, str]]:
    """The drawing, and pictures of it for systems that take no drawings."""
    found = [{"src": static("ui/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}]
    for size, purpose in (("192", "any"), ("512", "any"), ("512", "maskable")):
        name = f"ui/icons/{'maskable' if purpose == 'maskable' else 'icon'}-{size}.png"
        one = {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png"}
        found.append(one | {"purpose": purpose})
    return found
