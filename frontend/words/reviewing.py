"""What people read when they have decided on something in review."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words

ACCEPTED: Mapping[str, "Words"] = {
    "remember": _("Remembered."),
    "forget": _("Forgotten."),
    "revise": _("Changed."),
}
"""Of a suggestion, by what it wanted."""

ON_PAIR: Mapping[str, "Words"] = {
    "dismiss": _("Both stay. You will not be asked about them again."),
    "keep": _("Kept one, with the sources of both. The other is forgotten."),
    "holds": _("The other is dated: it was true until then."),
    "forget": _("Forgotten. The other stays."),
    "own": _("Both are one now, in your words. What they said is in its history."),
}
"""Of two memories, by what was said of them."""
