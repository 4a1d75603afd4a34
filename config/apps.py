"""Registers the commands `up`, `test`, `migrate` and `prepare_database`."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
