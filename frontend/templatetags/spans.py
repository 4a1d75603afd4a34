"""Until when a memory is true, in words."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from vault.types import Memory, Revision

register = template.Library()


@register.filter
def span(memory: Memory | Revision) -> str:
    """As in "was true until March 2024", "true from May 2027"; "" for what is simply true."""
    start, end = memory.valid_from, memory.valid_until
    if start is None and end is None:
        return ""
    now = timezone.now()
    if end is not None and end <= now:
        return gettext("was true until %(month)s") % {"month": _month(end)}
    if start is not None and start > now and end is not None:
        words = gettext("true from %(start)s until %(end)s")
        return words % {"start": _month(start), "end": _month(end)}
    if start is not None and start > now:
        return gettext("true from %(month)s") % {"month": _month(start)}
    return gettext("true until %(month)s") % {"month": _month(end)} if end is not None else ""


@register.filter
def days(memory: Memory | Revision) -> str:
    """The same to the day: "from 1 May 2020 until 3 March 2024"; "" without either."""
    start, end = memory.valid_from, memory.valid_until
    if start is not None and end is not None:
        both = {"start": _day(start), "end": _day(end)}
        return gettext("from %(start)s until %(end)s") % both
    if start is not None:
        return gettext("from %(day)s") % {"day": _day(start)}
    return gettext("until %(day)s") % {"day": _day(end)} if end is not None else ""


def _month(when: datetime) -> str:
    return date_format(when, "YEAR_MONTH_FORMAT")


def _day(when: datetime) -> str:
    return date_format(when, "DATE_FORMAT")
