"""Registers the machines' surface."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from api import openapi  # noqa: F401  (its extensions register themselves on import)
