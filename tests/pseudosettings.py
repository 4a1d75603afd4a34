"""The real settings with the two languages that nobody speaks, for a web server of the tests."""

from config.settings import *  # noqa: F403
from config.settings import LANGUAGES, LOCALE_PATHS, SATCHEL_HOME  # type: ignore[attr-defined]
from tools import pseudo

LANGUAGES = (*LANGUAGES, *pseudo.LANGUAGES.items())
LANGUAGES_BIDI = ["xr"]
LOCALE_PATHS = [SATCHEL_HOME / "pseudo", *LOCALE_PATHS]
