"""Where Satchel keeps things: the data folder, and the names inside it.

Knows paths only and makes nothing on import, so that the settings can name a PostgreSQL and a
broker which `up` has still to start.
"""

import hashlib
import os
import pwd
import secrets
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.environment import Misconfigured

DATABASE, APP_ROLE, OWNER_ROLE, ADMIN_ROLE = "satchel", "satchel_app", "satchel_owner", "postgres"

ELSEWHERE = "Run Satchel as that user, or set SATCHEL_HOME to another folder."
SECRET_KEY_NAME = "secret-key"  # noqa: S105  (a file's name, in the folder of keys)

_SOCKET_PATH_LIMIT = 100  # the kernel's is 107 on Linux and 103 on macOS


def default_home(environ: Mapping[str, str]) -> Path:
    """The system's data folder for this user. Misconfigured when the user has none."""
    if base := environ.get("XDG_DATA_HOME", ""):
        return Path(base).absolute() / "satchel"
    if os.geteuid() == 0 and sys.platform == "linux":
        # PostgreSQL runs as a user of its own then, who could not get into root's home folder.
        return Path("/var/lib/satchel")
    folder = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return _home_of_user(environ) / folder / "satchel"


def _home_of_user(environ: Mapping[str, str]) -> Path:
    named = environ.get("HOME", "")
    if not named:
        try:
            named = pwd.getpwuid(os.geteuid()).pw_dir
        except KeyError:
            named = ""
    if not named or not Path(named).is_dir() or Path(named) == Path("/"):
        raise Misconfigured(
            "This user has no home folder. Set SATCHEL_HOME to the folder for the data."
        )
    return Path(named)


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder. Its parts exist only after `make`."""

    path: Path

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Locks, process numbers and beat's notes: small files that say what is running."""
        return self.path / "run"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def broker(self) -> Path:
        return self.path / "broker"

    @property
    def postgres_sockets(self) -> Path:
        """The folder PostgreSQL puts its socket in; libpq takes it as the host."""
        return self._socket_folder("postgres-socket", ".s.PGSQL.5432")

    @property
    def broker_socket(self) -> Path:
        return self._socket_folder("broker", "valkey.sock") / "valkey.sock"

    def database_url(self, role: str) -> str:
        """The address of the embedded database as this role."""
        return f"postgresql:///{DATABASE}?user={role}&host={quote(str(self.postgres_sockets), '')}"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.broker_socket}"

    def make(self) -> None:
        """Make the folders that only this user may enter. OSError when that cannot be done."""
        self.path.mkdir(parents=True, exist_ok=True)
        # PostgreSQL's own user must be able to pass through when everything else runs as root.
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.keys, self.logs, self.run, self.broker, self.broker_socket.parent):
            own_folder(folder)

    def _socket_folder(self, name: str, file: str) -> Path:
        folder = self.path / name
        if len(os.fsencode(folder / file)) <= _SOCKET_PATH_LIMIT:
            return folder
        mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"satchel-{os.geteuid()}-{mark}"


def own_folder(folder: Path) -> None:
    """Make a folder for this user alone; Misconfigured when another user's stands there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid():
        raise Misconfigured(f"{folder} belongs to another user. {ELSEWHERE}")
    folder.chmod(0o700)


def read_or_make_secret(path: Path) -> str:
    """The secret in this file. Makes it (mode 0400, 50 characters) when there is none yet."""
    own_folder(path.parent)
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as fresh:
            fresh.write(secrets.token_urlsafe(38)[:50])
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(fresh.name).chmod(0o400)
        Path(fresh.name).rename(path)
    return path.read_text(encoding="utf-8").strip()
