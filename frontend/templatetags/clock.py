"""A moment as the time of day: in the reader's own clock where there is a script, else in UTC."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from frontend.words import times

register = template.Library()

_FAR = timedelta(hours=18)
"""From here on a time of day alone would leave open of which day."""


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """As in "2:20 p.m. UTC"; with the day when it is further away."""
    far = abs(moment - timezone.now()) > _FAR
    words = date_format(moment, "SHORT_DATETIME_FORMAT" if far else "TIME_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}" data-clock="{}">{}</time>',
        moment.isoformat(),
        times.exact(moment),
        "day" if far else "time",
        gettext("%(moment)s UTC") % {"moment": words},
    )
