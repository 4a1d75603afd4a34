"""`settings_help`: every setting with its default, as an env file. `.env.example` is its output."""

import textwrap
from typing import Any

from django.core.management.base import BaseCommand

from config.environment import TABLE, Setting

HEADER = """\
# Every setting of Satchel, as `manage.py settings_help` prints it. Uncomment what you change.
# With none set, `python3 manage.py up` starts everything by itself.
# A secret may also come from a file: NAME_FILE=/run/secrets/name
"""


def env_file() -> str:
    """The text of `.env.example`."""
    return "\n".join((HEADER, *(_lines(setting) for setting in TABLE)))


def _lines(setting: Setting) -> str:
    words = f"{setting.help}{' Secret.' if setting.secret else ''}"
    comment = "\n".join(f"# {line}" for line in textwrap.wrap(words, 96))
    return f"{comment}\n#{setting.name}={setting.default}\n"


class Command(BaseCommand):
    help = "Lists every setting with its default and what it is for."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(env_file(), ending="")
