"""What people read when they have decided on something in review."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from frontend.words.numbers import number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words

    from frontend.presenters.secondthoughts import Left

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

_NAMED = 5
_LONGEST = 60


def left(found: Sequence["Left"]) -> Iterator[str]:
    """Of suggestions whose undoing failed: which, and why; of many, the first."""
    for one in found[:_NAMED]:
        text = one.text if len(one.text) <= _LONGEST else one.text[: _LONGEST - 1].rstrip() + "…"
        if text:
            said = gettext("“%(text)s” stays as it is. %(why)s")
        else:
            said = gettext("One of them stays as it is. %(why)s")
        yield said % {"text": text, "why": one.why}
    if (more := len(found) - _NAMED) > 0:
        words = ngettext("%(count)s more stays as it is.", "%(count)s more stay as they are.", more)
        yield words % {"count": number(more)}
