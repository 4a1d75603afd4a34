"""Languages of the pages, and how the choice of a browser is kept."""

from pathlib import Path
from typing import Any

LANGUAGES = (
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("pt-br", "Português (Brasil)"),
)
"""By code, each as those who speak it call it."""
_YEAR = 365 * 24 * 60 * 60


def language_settings(base: Path, *, https: bool) -> dict[str, Any]:
    """Django's settings on languages and zones; `base` is the project's folder."""
    return {
        "LANGUAGE_CODE": "en",
        "LANGUAGES": LANGUAGES,
        "LOCALE_PATHS": [base / "frontend" / "locale"],
        "FORMAT_MODULE_PATH": "frontend.formats",
        "LANGUAGE_COOKIE_NAME": "satchel_language",
        "LANGUAGE_COOKIE_AGE": _YEAR,
        "LANGUAGE_COOKIE_SAMESITE": "Lax",
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SECURE": https,
        "TIME_ZONE": "UTC",
        "USE_TZ": True,
        "USE_THOUSAND_SEPARATOR": False,  # in addresses and values of forms, digits stay bare
    }
