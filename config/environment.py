"""Every setting Satchel takes from the environment: its name, its default and what it is for.

One table serves the settings module, the `.env.example` file and `manage.py settings_help`.
A secret may also come from a file: `NAME_FILE` holds the path.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


class Misconfigured(ImproperlyConfigured):
    """The environment asks for the impossible. Change the variable that the message names."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`default` is the text used when the variable is missing or empty."""

    name: str
    default: str
    help: str
    secret: bool = False


TABLE = (
    Setting("SATCHEL_HOME", "", "Folder for all data. Default: this system's data folder."),
    Setting(
        "DATABASE_URL",
        "",
        "PostgreSQL with pgvector, as the application's role: one that owns nothing. "
        "Left out, `up` runs a PostgreSQL of its own.",
        secret=True,
    ),
    Setting(
        "DATABASE_OWNER_URL",
        "",
        "The same database as the role that owns the tables. Only `migrate` and "
        "`prepare_database` need it.",
        secret=True,
    ),
    Setting(
        "DATABASE_ADMIN_URL",
        "",
        "The same server as a superuser. Only `prepare_database` needs it, to make the two roles.",
        secret=True,
    ),
    Setting(
        "CELERY_BROKER_URL",
        "",
        "Valkey, Redis or RabbitMQ for background work. Left out, `up` runs a Valkey of its own.",
        secret=True,
    ),
    Setting(
        "SATCHEL_SECRET_KEY",
        "",
        "Signs cookies and links: 50 random characters. Needed when DATABASE_URL is set; "
        "otherwise `up` makes one.",
        secret=True,
    ),
    Setting(
        "SATCHEL_KEYS_DIR", "", "Folder for the server's peppers. Default: keys in the data folder."
    ),
    Setting(
        "SATCHEL_TRANSIT_URL",
        "",
        "HashiCorp Vault or OpenBao, which then keeps the peppers instead of the keys folder: the "
        "server's address.",
    ),
    Setting("SATCHEL_TRANSIT_TOKEN", "", "The token for it.", secret=True),
    Setting("SATCHEL_TRANSIT_MOUNT", "transit", "Where its transit engine is mounted."),
    Setting(
        "SATCHEL_UPLOADS_DIR", "", "Folder for sealed uploads. Default: uploads in the data folder."
    ),
    Setting(
        "SATCHEL_MODELS_DIR",
        "",
        "Folder for the embedder's files. Default: models in the data folder.",
    ),
    Setting(
        "SATCHEL_STATIC_DIR",
        "",
        "Folder for collected static files. Default: static in the data folder.",
    ),
    Setting(
        "SATCHEL_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "Host names that may be used to reach Satchel.",
    ),
    Setting(
        "SATCHEL_HTTPS",
        "no",
        "yes when people reach Satchel by https, behind a proxy that says so.",
    ),
    Setting("SATCHEL_PROXIES", "0", "How many proxies of yours stand in front of Satchel."),
    Setting("SATCHEL_ARGON2", "131072,3,1", "Argon2id cost: KiB of memory, passes, lanes."),
    Setting(
        "SATCHEL_EMBEDDER",
        "minilm",
        "How texts become vectors: minilm, or wordllama (lighter, weaker).",
    ),
    Setting(
        "SATCHEL_FASTEMBED_DIR",
        "",
        "Folder with fastembed models that you put there. Left out, fastembed is not offered; "
        "nothing is ever downloaded.",
    ),
    Setting(
        "SATCHEL_PRIVATE_ENDPOINTS",
        "",
        "Servers in your own network that people here may name as embedding endpoint: host, "
        "host:port, address or network, with commas between. Left out, only public https "
        "addresses; `up` on this machine alone opens loopback.",
    ),
    Setting(
        "SATCHEL_LOCAL_CONNECTORS",
        "",
        "Connectors that open files or start programs on this machine and that people here may "
        "use, with commas between: folder, mcp-stdio, letta-files. Whoever may use mcp-stdio can "
        "run programs as this server's user. Left out: none.",
    ),
    Setting(
        "SATCHEL_SEARCH_MEMORY",
        "512",
        "MiB that opened search indexes may take, in all processes of Satchel together.",
    ),
    Setting(
        "SATCHEL_PROCESSES",
        "2",
        "Processes of Satchel that share this machine's memory: web and worker.",
    ),
    Setting(
        "SATCHEL_SEARCH_TOKENS", "10000", "Memories per collection kept open for fine ranking."
    ),
    Setting("SATCHEL_WEB_THREADS", "8", "Requests answered at the same time by one web process."),
    Setting("SATCHEL_GRANT_RATE", "600", "API requests a minute that one grant may make."),
    Setting(
        "SATCHEL_ADDRESS_RATE",
        "6000",
        "API requests a minute that one address may make, with all its tokens together.",
    ),
    Setting(
        "SATCHEL_METRICS",
        "",
        "host:port on which the web process gives Prometheus metrics, without a password: keep it "
        "inside. Left out, there are none.",
    ),
    Setting(
        "SATCHEL_OPERATORS",
        "",
        "Email addresses, with commas between, of accounts that may see Settings > Server health: "
        "whoever runs this server. Left out, nobody may. Name an account that exists already.",
    ),
    Setting(
        "SATCHEL_VISIBILITY_TIMEOUT",
        "120",
        "Seconds after which a lost task is given to another worker.",
    ),
    Setting(
        "SATCHEL_EMAIL_URL",
        "",
        "smtp://user:password@host:587, or smtps://. "
        "Left out, mail goes into the web server's log.",
        secret=True,
    ),
    Setting("SATCHEL_EMAIL_FROM", "satchel@localhost", "Sender of the mail."),
    Setting("SATCHEL_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting("SATCHEL_DEBUG", "no", "yes for development only: error pages show the insides."),
)
_BY_NAME = {setting.name: setting for setting in TABLE}
_OTHERS = frozenset({"SATCHEL_NO_BOOTSTRAP", "SATCHEL_FULL"})


class Environment:
    """Reads the table's settings from `source`. Misconfigured says which one is wrong, and why."""

    def __init__(self, source: Mapping[str, str]) -> None:
        self._source = source
        self._refuse_misspelt()

    def text(self, name: str) -> str:
        setting = _BY_NAME[name]
        value = self._source.get(name, "").strip()
        if setting.secret and (file := self._source.get(f"{name}_FILE", "").strip()):
            if value:
                raise Misconfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
            return _read_secret(f"{name}_FILE", Path(file))
        return value or setting.default

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in _FLAGS:
            raise Misconfigured(f"{name} is {value!r}. Write yes or no.")
        return _FLAGS[value]

    def number(self, name: str, least: int = 0) -> int:
        value = self.text(name)
        if not value.isdecimal() or int(value) < least:
            raise Misconfigured(f"{name} is {value!r}. Write a whole number, {least} or more.")
        return int(value)

    def numbers(self, name: str, count: int) -> tuple[int, ...]:
        parts = self.words(name)
        if len(parts) != count or not all(part.isdecimal() for part in parts):
            raise Misconfigured(f"{name} must be {count} whole numbers with commas between them.")
        return tuple(int(part) for part in parts)

    def words(self, name: str) -> list[str]:
        return [part for part in (raw.strip() for raw in self.text(name).split(",")) if part]

    def servers(self, name: str) -> list[str]:
        """Hosts, host:port, addresses or networks, as `vault.outbound` reads them."""
        words = self.words(name)
        if words:
            from vault.outbound import Rules

            try:
                Rules.parse(words)
            except ValueError as error:
                raise Misconfigured(f"{name}: {error}.") from None
        return words

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise Misconfigured(f"{name} is {value!r}. Write one of: {', '.join(allowed)}.")
        return value

    def address(self, name: str) -> tuple[str, int] | None:
        """host:port; None when it is left out."""
        value = self.text(name)
        host, _, port = value.rpartition(":")
        if value and not (host and port.isdecimal() and 0 < int(port) < 65536):
            raise Misconfigured(f"{name} is {value!r}. Write host:port, such as 127.0.0.1:9321.")
        return (host.strip("[]"), int(port)) if value else None

    def folder(self, name: str, default: Callable[[], Path]) -> Path:
        value = self.text(name)
        return Path(value).expanduser().absolute() if value else default()

    def _refuse_misspelt(self) -> None:
        known = {*_BY_NAME, *(f"{s.name}_FILE" for s in TABLE if s.secret), *_OTHERS}
        for name in self._source:
            if name.startswith("SATCHEL_") and name not in known:
                close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
                if close:
                    raise Misconfigured(f"There is no setting {name}. Did you mean {close[0]}?")


_FLAGS = {"yes": True, "true": True, "on": True, "1": True} | {
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}


def _read_secret(name: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Misconfigured(
            f"{name} names {path}, which cannot be read: {error.strerror}."
        ) from None
    if not value:
        raise Misconfigured(f"{name} names {path}, which is empty.")
    return value
