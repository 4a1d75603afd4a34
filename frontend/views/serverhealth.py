"""Health of the server, for whoever runs it: what answers, what waits, what fails."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sync.upkeep import serverhealth


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Only for people whom the settings name; to all others it is not there."""
    if not is_operator(request):
        raise Http404
    context = {"health": serverhealth.look(), "paused": "paused" in request.GET}
    return render(request, "pages/server_health.html", context)


def is_operator(request: HttpRequest) -> bool:
    user = request.user
    # Not by casefold: "ops" with a long s is another address, whose mail goes to somebody else.
    named = {email.lower() for email in settings.SATCHEL_OPERATORS}
    return user.is_authenticated and user.is_active and user.email.lower() in named
