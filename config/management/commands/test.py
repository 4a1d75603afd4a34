"""`test`: style, format, types, layers, templates, and pytest. `--fast` runs pytest alone."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.testing import run_tests


class Command(BaseCommand):
    help = "Runs all checks and tests. --fast runs pytest alone; further words go to pytest."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Takes the words as they are: most are meant for pytest."""
        if {"-h", "--help"} & set(argv[2:]):
            super().run_from_argv(argv)
        else:
            sys.exit(run_tests(argv[2:], self._say))

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run_tests(list(args), self._say))

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
