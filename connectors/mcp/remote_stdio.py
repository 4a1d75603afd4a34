"""A memory server that is a program on this machine, such as the reference one."""

import json
from dataclasses import dataclass
from hashlib import sha256

from connectors.base.errors import Misconfigured
from connectors.base.live.options import secret, setting
from connectors.mcp.memory import McpMemory, home, tools
from connectors.mcp.pipe import Pipe
from connectors.mcp.session import Wire

_HIDDEN = ("key", "token", "secret", "password", "credential")


@dataclass(frozen=True)
class Options:
    command: str = setting(
        "Program",
        help='The program and its arguments, as a JSON list: ["npx", "-y",'
        ' "@modelcontextprotocol/server-memory"]. No shell reads it.',
    )
    environment: str = secret(
        "Settings of the program",
        default="",
        help='A JSON object such as {"MEMORY_FILE_PATH": "/home/ana/memory.jsonl"}. Of Satchel\'s'
        " own environment it sees only paths and language.",
    )
    folder: str = setting("Started in", default="", help="A whole path, if it matters.")
    entity: str = home()
    mapping: str = tools()


class McpStdio(McpMemory):
    slug = "mcp-stdio"
    name = "The MCP program"
    per_minute = 6_000
    reaches = "machine"
    Options = Options
    _pipe: Pipe | None = None

    def wire(self) -> Wire:
        self._pipe = Pipe(self._command, self._environment, self.options.folder)
        return self._pipe

    def close(self) -> None:
        if self._pipe:
            self._pipe.close()

    @property
    def space(self) -> str:
        """Of the program and the settings that may say where its memories are; not of keys, which
        are renewed now and then."""
        told = {
            name: value
            for name, value in self._environment.items()
            if not any(word in name.casefold() for word in _HIDDEN)
        }
        said = json.dumps([self._command, sorted(told.items()), self.options.folder])
        return sha256(said.encode()).hexdigest()[:32]

    @property
    def _command(self) -> list[str]:
        words = _json(self.options.command, "command")
        if not isinstance(words, list) or not words or not all(_is_text(one) for one in words):
            raise Misconfigured('Give a JSON list of texts, such as ["program", "-x"].', "command")
        return words

    @property
    def _environment(self) -> dict[str, str]:
        given = _json(self.options.environment or "{}", "environment")
        if not isinstance(given, dict) or not all(_is_text(one) for one in given.values()):
            raise Misconfigured("Give a JSON object of texts.", "environment")
        return given


def _json(text: str, field: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        raise Misconfigured("This is not JSON.", field) from None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value
