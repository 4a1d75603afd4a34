"""Asks a running web server whether it is healthy. `python -m config.probe` is the container's
health check."""

import http.client
import os
import sys

from config.environment import Environment


def is_healthy(host: str, port: int, name: str, seconds: float = 5) -> bool:
    """Does `GET /api/v1/health` answer 200? `name` is the host name it is asked under."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=seconds)
    try:
        connection.request("GET", "/api/v1/health", headers={"Host": name})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def name_to_ask(hosts: list[str]) -> str:
    """A host name the server answers to."""
    return next((host.lstrip(".") for host in hosts if host.strip(".*")), "localhost")


def _reachable(host: str) -> str:
    """A server that listens everywhere is asked on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def main() -> int:
    name = name_to_ask(Environment(os.environ).words("SATCHEL_HOSTS"))
    return 0 if is_healthy("127.0.0.1", int(os.environ.get("PORT", "8321")), name) else 1


if __name__ == "__main__":
    sys.exit(main())
