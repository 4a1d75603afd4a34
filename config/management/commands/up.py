"""`up`: everything Satchel needs, in one command."""

import os
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from config.environment import Misconfigured
from config.launcher import Launcher
from config.preflight import Refused
from config.processes import ServiceFailed


class Command(BaseCommand):
    help = "Starts Satchel with all it needs, and stops it on Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8321)
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--home", type=Path, help="Folder for all data (SATCHEL_HOME).")
        parser.add_argument("--demo", action="store_true", help="Also make a demo vault.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["home"]:
            self._move_to(options["home"].expanduser().absolute())
        launcher = Launcher(options["host"], options["port"], demo=options["demo"], say=self._say)
        try:
            launcher.run()
        except (Refused, Misconfigured, ServiceFailed) as error:
            raise CommandError(str(error)) from None
        except (DatabaseError, psycopg.Error) as error:
            raise CommandError(f"The database cannot be used: {error}") from None
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from None

    def _move_to(self, home: Path) -> None:
        """Begin again with the settings of that folder: these are already those of another."""
        if home != settings.SATCHEL_HOME:
            os.environ["SATCHEL_HOME"] = str(home)
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
