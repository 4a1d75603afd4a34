"""Registers the commands `up`, `test`, `migrate` and `prepare_database`, and the checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  (they register themselves on import)
