"""What becomes of a form from before a sign-in in another tab: it is not taken, and nothing in it
is lost or done in somebody else's name."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from frontend.signin import typed, whose
from frontend.signin.gate import lead, page_of, to_door


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Instead of Django's answer to a form whose token does not fit. Only where the browser itself
    says that a page of ours sent it, more is made of it than a refusal."""
    account = whose.of_page(request)
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or not account:
        return render(request, "403_csrf.html", status=403)
    if not request.user.is_authenticated:
        return to_door(request, "account_login")
    if account != whose.of_account(request.user.pk):
        return lead(request, reverse("other-account"))
    if getattr(request, "access", None) is None:
        return to_door(request, "unlock")
    if typed.is_beside(request, page_of(request)):
        return render(request, "403_csrf.html", status=403)
    kept = typed.put_aside(request, page=page_of(request))
    if not kept:
        messages.warning(
            request,
            gettext("Not done: this page was from before you signed in again. Do it once more."),
        )
    return lead(request, kept or page_of(request))


@login_required
def other_account(request: HttpRequest) -> HttpResponse:
    """What a page of another account sent was not done."""
    return render(request, "pages/other_account.html")
