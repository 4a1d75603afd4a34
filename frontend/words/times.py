"""Moments in words: how long ago, in how many days, and exactly; in the reader's language."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def ago(moment: datetime | None) -> str:
    """As in "12 minutes ago", "3 days ago"; then the date. "never" for no moment at all."""
    if moment is None:
        return gettext("never")
    past = timezone.now() - moment
    if past < timedelta(minutes=1):
        return gettext("just now")
    return _ago(int(past.total_seconds())) or date_format(moment, "SHORT_DATE_FORMAT")


def _ago(seconds: int) -> str:
    """ "" for a week and more."""
    if seconds < _HOUR:
        count = seconds // _MINUTE
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", count) % {"count": count}
    if seconds < _DAY:
        count = seconds // _HOUR
        return ngettext("%(count)s hour ago", "%(count)s hours ago", count) % {"count": count}
    if seconds < 7 * _DAY:
        count = seconds // _DAY
        return ngettext("%(count)s day ago", "%(count)s days ago", count) % {"count": count}
    return ""


def until(moment: datetime | None) -> str:
    """As in "in 29 days" or "today"; the date once it is past. "no end" for no moment."""
    if moment is None:
        return gettext("no end")
    days = (moment - timezone.now() + timedelta(hours=1)).days  # the first hour of a term is a day
    if days < 0:
        return date_format(moment, "SHORT_DATE_FORMAT")
    if days == 0:
        return gettext("today")
    return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": days}


def exact(moment: datetime) -> str:
    """The day and the minute, in UTC."""
    return _exact(moment.astimezone(UTC), get_language())


@lru_cache(maxsize=4096)
def _exact(moment: datetime, language: str | None) -> str:
    """Lists show the same moments again while somebody types."""
    return gettext("%(moment)s UTC") % {"moment": date_format(moment, "DATETIME_FORMAT")}
