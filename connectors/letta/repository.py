"""One branch of a git repository, read and written by the program `git` without a work tree.

Nothing of it is ever checked out: its links, attributes, filters, submodules and hooks mean
nothing here. Neither does what is configured on this machine.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.base.errors import (
    AuthError,
    BadResponse,
    ConnectorError,
    Misconfigured,
    Rejected,
    Unavailable,
)

SECONDS = 120
_BLOCKS = 1 << 19  # of 512 bytes: a file that git writes may have 256 MiB
_RUN = f'ulimit -f {_BLOCKS} && exec git "$@"'
_ASK = '#!/bin/sh\ncase "$1" in User*) printf %s "$ASKED_USER";; *) printf %s "$ASKED_TOKEN";; esac'
_SETTINGS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"),
    *("-c", "credential.helper=", "-c", "http.followRedirects=false"),
    *("-c", "transfer.fsckObjects=true", "-c", "fetch.recurseSubmodules=false"),
)
_RECEIVE = "--receive-pack=git -c core.hooksPath=/dev/null receive-pack"
_REFUSED = ("authentication failed", "could not read", "error: 401", "error: 403", "denied")
_ABSENT = ("not found", "not appear to be a git", "does not exist", "find remote ref")
_NOTHING = "0" * 40


class Moved(ConnectorError):
    """Somebody else has pushed meanwhile: fetch and try again."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of the branch: its mode ("100644", "120000" for a link), its id and size in bytes."""

    mode: str
    sha: str
    size: int


class Repository:
    """`address` is https, or the path of a directory; `branch` "" is the one it calls its own."""

    def __init__(self, address: str, *, branch: str, username: str, token: str) -> None:
        self.address, self.branch = address, branch
        self._is_path = address.startswith("/")
        self._folder = TemporaryDirectory(prefix="satchel-git-")
        home = Path(self._folder.name)
        ask = home / "ask"
        ask.write_text(_ASK)
        ask.chmod(0o700)
        self._environment = _environment(home) | {
            "GIT_ALLOW_PROTOCOL": "file" if self._is_path else "https",
            "GIT_ASKPASS": str(ask),
            "ASKED_USER": username,
            "ASKED_TOKEN": token,
        }
        self._ref = ""
        self.commit = ""
        """The commit that was fetched or pushed last."""

    def close(self) -> None:
        self._folder.cleanup()

    def newest(self) -> str:
        """The commit that the branch is at there; BadResponse when there is no such branch."""
        wanted = f"refs/heads/{self.branch}" if self.branch else "HEAD"
        said = self._git("ls-remote", "--symref", "--", self.address, wanted).decode()
        rows = [line.split("\t") for line in said.splitlines()]
        named = {name: value for value, name in rows if not value.startswith("ref: ")}
        heads = [
            value.removeprefix("ref: ")
            for value, name in rows
            if name == wanted and value.startswith("ref: ")
        ]
        if wanted not in named:
            raise BadResponse("The repository has no such branch, or nothing in it yet.")
        self._ref = (heads or [wanted])[0]
        return named[wanted]

    def fetch(self) -> None:
        self.newest()
        self._git("init", "--quiet", "--bare")
        self._git("fetch", "--quiet", "--depth=1", "--no-tags", "--", self.address, self._ref)
        self.commit = self._git("rev-parse", "FETCH_HEAD").decode().strip()

    def files(self) -> dict[str, Blob]:
        """All files of the commit by path. A path that is no UTF-8 comes with its bytes escaped."""
        rows = self._git("ls-tree", "-r", "-z", "--long", self.commit).split(b"\0")[:-1]
        found = {}
        for row in rows:
            (mode, kind, sha, size), path = row.split(b"\t", 1)[0].split(), row.split(b"\t", 1)[1]
            if kind == b"blob":
                blob = Blob(mode.decode(), sha.decode(), int(size))
                found[path.decode("utf-8", "backslashreplace")] = blob
        return found

    def read(self, shas: Iterable[str]) -> dict[str, bytes]:
        """The bytes of blobs, by their ids."""
        wanted = list(shas)
        said = self._git("cat-file", "--batch", data="".join(f"{sha}\n" for sha in wanted).encode())
        found, at = {}, 0
        for sha in wanted:
            start = said.index(b"\n", at) + 1
            end = start + int(said[at:start].split()[2])
            found[sha], at = said[start:end], end + 1
        return found

    def push(self, changes: Mapping[str, bytes | None], message: str) -> None:
        """Commit the new contents of files, None for gone, and push; Moved if somebody was first;
        Rejected if the other side does not want it."""
        self._git("read-tree", self.commit)
        rows = [self._row(path, content) for path, content in changes.items()]
        self._git("update-index", "-z", "--index-info", data="".join(rows).encode())
        tree = self._git("write-tree").decode().strip()
        said = self._git("commit-tree", tree, "-p", self.commit, "-m", message)
        commit = said.decode().strip()
        hooks = [_RECEIVE] if self._is_path else []
        target = f"{commit}:{self._ref}"
        self._git("push", "--quiet", "--porcelain", *hooks, "--", self.address, target)
        self.commit = commit

    def _row(self, path: str, content: bytes | None) -> str:
        if content is None:
            return f"0 {_NOTHING}\t{path}\0"
        sha = self._git("hash-object", "-w", "--stdin", data=content).decode().strip()
        return f"100644 {sha}\t{path}\0"

    def _git(self, *arguments: str, data: bytes = b"") -> bytes:
        command = ("/bin/sh", "-c", _RUN, "git", *_SETTINGS, *arguments)
        try:
            run = subprocess.run(  # noqa: S603  (no shell reads the arguments)
                command,
                input=data,
                capture_output=True,
                timeout=SECONDS,
                env=self._environment,
                cwd=self._folder.name,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable("The repository did not answer in time.") from error
        if run.returncode:
            raise _error(run)
        return run.stdout


def _environment(home: Path) -> dict[str, str]:
    """What git may know of this machine: where programs and certificates are, nothing else."""
    kept = ("PATH", "SSL_CERT_FILE", "GIT_SSL_CAINFO")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(home),
        "LC_ALL": "C",
        "GIT_DIR": str(home / "git"),
        "GIT_INDEX_FILE": str(home / "index"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        **{f"GIT_{who}_NAME": "Satchel" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "satchel@localhost" for who in ("AUTHOR", "COMMITTER")},
    }


def _error(run: "subprocess.CompletedProcess[bytes]") -> ConnectorError:
    """By what git said; it is never quoted, since it may repeat what it was given."""
    said = (run.stdout + run.stderr).decode("utf-8", "replace").lower()
    if run.returncode == 127:
        return Misconfigured("The program git is not installed where Satchel runs.")
    if "[remote rejected]" in said:
        return Rejected("The repository refused this change.")
    if "[rejected]" in said:
        return Moved("The repository changed meanwhile.")
    if any(words in said for words in _ABSENT):
        return BadResponse("There is no git repository or branch at this address.")
    if any(words in said for words in _REFUSED):
        return AuthError("The repository did not accept the credentials.")
    return Unavailable("The repository cannot be reached.")
