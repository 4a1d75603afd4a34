"""What people read on the page of memories for its filters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATE_WORDS: Mapping[str, StrOrPromise] = {
    "past": _("No longer true"),
    "held": _("Waiting for you"),
    "forgotten": pgettext_lazy("memories", "Forgotten"),
}
LEARNT_WORDS: Mapping[str, StrOrPromise] = {
    "today": _("Today"),
    "7": _("The last 7 days"),
    "30": _("The last 30 days"),
    "90": _("The last 90 days"),
    "year": _("This year"),
    "days": _("Between two days …"),
}
"""In the order in which they are offered."""
FOUND_BY: Mapping[tuple[str, ...], StrOrPromise] = {
    ("words",): _("found by words"),
    ("meaning",): _("found by meaning"),
    ("words", "meaning"): _("found by words and meaning"),
}
