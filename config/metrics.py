"""Serves the web process's metrics on an address of their own, if the settings name one."""

import logging

from prometheus_client import start_http_server

from api.metrics import registry

logger = logging.getLogger(__name__)


def serve_metrics(address: tuple[str, int] | None) -> None:
    """In a thread beside the web server. Without them the service works all the same, so an address
    that cannot be used is only said."""
    if address is None:
        return
    host, port = address
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        logger.error("No metrics: %s:%d cannot be used (%s).", host, port, error.strerror)
