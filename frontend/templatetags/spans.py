"""Until when a memory is true, in words."""

from datetime import datetime

from django import template
from django.utils import timezone

from vault.types import Memory, Revision

register = template.Library()


@register.filter
def span(memory: Memory | Revision) -> str:
    """As in "was true until March 2024", "true from May 2027"; "" for what is simply true."""
    now, start, end = timezone.now(), memory.valid_from, memory.valid_until
    if end is not None and end <= now:
        return f"was true until {_month(end)}"
    parts = []
    if start is not None and start > now:
        parts.append(f"from {_month(start)}")
    if end is not None:
        parts.append(f"until {_month(end)}")
    return f"true {' '.join(parts)}" if parts else ""


@register.filter
def days(memory: Memory | Revision) -> str:
    """The same to the day: "from 1 May 2020 until 3 March 2024"; "" without either."""
    parts = [
        f"{word} {when:%-d %B %Y}"
        for word, when in (("from", memory.valid_from), ("until", memory.valid_until))
        if when is not None
    ]
    return " ".join(parts)


def _month(when: datetime) -> str:
    return f"{when:%B %Y}"
