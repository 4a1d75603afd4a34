"""A program that is talked to over its standard input and output, one message a line.

The SDK's own client would do, but for two things: it reads a line however long it gets, and it
logs lines that it cannot parse, and with them what people remember.
"""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.base.errors import BadResponse, Unavailable

SECONDS = 60.0
LONGEST = 64_000_000
"""Bytes of one message."""
_CHUNK = 65_536
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
_GRACE = 2.0


class Pipe:
    """Starts the program, never through a shell. It sees these few settings of ours, and `more`."""

    def __init__(self, command: Sequence[str], more: Mapping[str, str], folder: str) -> None:
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        try:
            self._program = subprocess.Popen(  # noqa: S603  (it is what its owner chose to run)
                list(command),
                env={**kept, **more},
                cwd=folder or None,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
            )
        except (OSError, ValueError):
            raise Unavailable("The program of the memory server cannot be started.") from None
        self._in, self._out = _descriptors(self._program)
        self._read = bytearray()

    def ask(self, message: Mapping[str, Any]) -> Any:
        deadline = time.monotonic() + SECONDS
        self._send(message, deadline)
        while True:
            said = self._line(deadline)
            if "method" not in said:
                if said.get("id") == message["id"]:
                    return said
            elif "id" in said:
                self._send(_reply(said), deadline)

    def tell(self, message: Mapping[str, Any]) -> None:
        self._send(message, time.monotonic() + SECONDS)

    def agreed(self, version: str) -> None:
        """Nothing more is said of it here."""

    def close(self) -> None:
        """End it: kindly, then firmly, with whatever it started."""
        for pipe in (self._program.stdin, self._program.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        if self._program.returncode is None and not self._is_over(_GRACE):
            self._signal(signal.SIGTERM)
            self._is_over(_GRACE)
        if self._program.returncode is None:
            # As long as nobody has waited for it, its number is that of nothing else.
            self._signal(signal.SIGKILL)
            self._program.wait()

    def _is_over(self, seconds: float) -> bool:
        """Whether it has ended within that time; it is not waited for yet."""
        deadline = time.monotonic() + seconds
        how = os.WEXITED | os.WNOWAIT | os.WNOHANG
        while os.waitid(os.P_PID, self._program.pid, how) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _signal(self, number: signal.Signals) -> None:
        """To it and to all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._program.pid, number)

    def _send(self, message: Mapping[str, Any], deadline: float) -> None:
        left = memoryview(json.dumps(message).encode() + b"\n")
        while left:
            # Both at once: a program that waits to be read does not read either.
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                left = left[os.write(self._in, left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise _ended() from None

    def _line(self, deadline: float) -> Any:
        """The next message. What is no message is what some programs print, and passed over."""
        while True:
            while (end := self._read.find(b"\n")) < 0:
                self._wait(None, 0, deadline)
            line = bytes(self._read[:end])
            del self._read[: end + 1]
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict):
                    return said

    def _wait(self, other: int | None, event: int, deadline: float) -> None:
        """Until there is something to read, which is read, or `other` is ready."""
        waiting = select.poll()
        waiting.register(self._out, select.POLLIN)
        if other is not None:
            waiting.register(other, event)
        left = deadline - time.monotonic()
        ready = waiting.poll(left * 1000) if left > 0 else []
        if not ready:
            raise Unavailable("The memory server did not answer in time.")
        if any(one == self._out for one, _ in ready):
            chunk = os.read(self._out, _CHUNK)
            if not chunk:
                raise _ended()
            self._read += chunk
            if len(self._read) > LONGEST:
                raise BadResponse("The memory server answers more than anybody could read.")


def _descriptors(program: "subprocess.Popen[bytes]") -> tuple[int, int]:
    assert program.stdin and program.stdout  # noqa: S101  (both were asked for)
    os.set_blocking(program.stdin.fileno(), False)
    return program.stdin.fileno(), program.stdout.fileno()


def _reply(asked: Mapping[str, Any]) -> dict[str, Any]:
    """To a question of theirs: we are there, and can do nothing for them."""
    reply = {"jsonrpc": "2.0", "id": asked["id"]}
    if asked["method"] == "ping":
        return {**reply, "result": {}}
    return {**reply, "error": {"code": -32601, "message": "There is no such method."}}


def _ended() -> Unavailable:
    return Unavailable("The program of the memory server has ended.")
