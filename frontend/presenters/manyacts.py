"""What can be done to several memories at once: wherever they stand in a list with ticks."""

from typing import TYPE_CHECKING

from frontend.words import KIND_HELP, KIND_NAMES, actwords

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

_OFFERED = ("move", "forget", "pin", "unpin", "confirm", "kind", "until", "still", "merge")


def offered(*, forgotten: bool = False) -> dict[str, object]:
    """The verbs and kinds of `memories_many.html`, each with its words."""
    verbs = ["restore"] if forgotten else [v for v in actwords.VERB_WORDS if v in _OFFERED]
    said: list[tuple[str, StrOrPromise]] = [(v, actwords.VERB_WORDS[v].choose) for v in verbs]
    return {"verbs": said, "kinds_by_hand": [(kind, KIND_NAMES[kind]) for kind in KIND_HELP]}
