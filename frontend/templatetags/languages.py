"""The languages there are, for the choosers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest

register = template.Library()


@register.simple_tag
def languages() -> Sequence[tuple[str, str]]:
    """Each by its code, called as those who speak it call it."""
    return settings.LANGUAGES


@register.simple_tag(takes_context=True)
def language_kept(context: Mapping[str, Any]) -> str:
    """The one chosen in this browser; "" where its own wish counts."""
    request: HttpRequest | None = context.get("request")
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") if request else ""
    return kept if kept in dict(settings.LANGUAGES) else ""
