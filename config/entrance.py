"""Django's manage.py, except that a wrong setting is told in a sentence and not in a traceback."""

import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def manage(words: list[str]) -> None:
    try:
        execute_from_command_line(words)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
