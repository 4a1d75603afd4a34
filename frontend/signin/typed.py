"""What was typed into a form whose vault was locked meanwhile: handed back, and kept nowhere here.

The answer holds it in the page alone. Its owner unlocks in another tab and sends it again, where
the form asks anew for what was left out: passwords and secrets never come back.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

Keep = Callable[..., bool]
"""Whether a field of this name may come back, given what the address says."""


def keeps_typed(
    keep: Keep,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Above `vault_required`, for a form that is long to fill in."""

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @sensitive_post_parameters()
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _locked_meanwhile(request):
                return _handed_back(request, [n for n in request.POST if keep(n, *args, **kwargs)])
            return view(request, *args, **kwargs)

        return guarded

    return around


def _locked_meanwhile(request: HttpRequest) -> bool:
    """Somebody who is signed out gets another token with the sign-in: nothing could be sent on."""
    locked = request.user.is_authenticated and getattr(request, "access", None) is None
    return request.method == "POST" and locked and not request.headers.get("HX-Request")


@sensitive_variables()
def _handed_back(request: HttpRequest, names: list[str]) -> HttpResponse:
    typed = [(name, value) for name in names for value in request.POST.getlist(name)]
    return render(request, "pages/typed.html", {"typed": typed}, status=403)
