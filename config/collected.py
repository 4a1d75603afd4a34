"""Collects the static files, and only when one of them, or Satchel, has changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from config import __version__

_UNUSED = ["admin", "rest_framework"]  # pages that are not served


def collect_static() -> bool:
    """Bring STATIC_ROOT up to date; True if there was something to do."""
    root = Path(settings.STATIC_ROOT)
    stamp, now = root / ".stamp", _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == now:
        return False
    root.mkdir(parents=True, exist_ok=True)
    call_command(
        "collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=_UNUSED
    )
    stamp.write_text(now, encoding="utf-8")
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list(_UNUSED), key=lambda found: str(found[0])):
            with storage.open(path) as file:
                digest.update(f"{path}\0".encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
