"""What a browser says it is, as coarsely as helps its owner to tell one session from another."""

from collections.abc import Sequence

_LONGEST = 512
# The first that fits: most browsers call themselves Chrome and Safari as well.
_BROWSERS = (
    ("Edge", ("edg/", "edga/", "edgios/")),
    ("Opera", ("opr/", "opt/")),
    ("Samsung Internet", ("samsungbrowser/",)),
    ("Firefox", ("firefox/", "fxios/")),
    ("Chrome", ("chrome/", "crios/", "chromium/")),
    ("Safari", ("safari/",)),
)
_SYSTEMS = (
    ("Android", ("android",)),
    ("iOS", ("iphone", "ipad", "ipod")),
    ("ChromeOS", ("cros ",)),
    ("Windows", ("windows",)),
    ("macOS", ("mac os x", "macintosh")),
    ("Linux", ("linux",)),
)


def device_of(user_agent: str) -> tuple[str, str]:
    """(family of the browser, its system); "" for what is not known. Anything can be claimed."""
    said = user_agent[:_LONGEST].lower()
    return _first(_BROWSERS, said), _first(_SYSTEMS, said)


def _first(known: Sequence[tuple[str, tuple[str, ...]]], said: str) -> str:
    return next((name for name, signs in known if any(sign in said for sign in signs)), "")
