"""Registers the vault and puts the guard on its tables."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "vault"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from vault import checks, scope  # noqa: F401  (checks register themselves on import

        scope.install_guard()
