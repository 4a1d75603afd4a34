"""How a log line looks, and what never gets into one: contents, queries, tokens, task arguments.

One line per event: `time level logger message key=value ...`. Of an exception it tells the type
and the way through the code; its message only when it is one of ours, since messages of libraries
quote the values they failed on.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

OURS = ("api", "config", "connectors", "frontend", "sync", "vault")

_QUERY = re.compile(r"(?<=[^\s?])\?[^\s'\"]*=[^\s'\"]*")
_TOKEN = re.compile(r"(?i)\b(bearer\s+|satchel_)[\w.~+/=-]{8,}")
_PASSWORD_IN_URL = re.compile(r"(://[^\s:/@]*:)[^\s@]+@")
_FIELDS = ("status_code", "task", "connection", "run", "count", "seconds")

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def scrub(text: str) -> str:
    """The text without query strings, tokens and passwords in addresses."""
    text = _PASSWORD_IN_URL.sub(r"\1-@", text)
    return _TOKEN.sub(r"\1-", _QUERY.sub("?-", text))


class OneLine(logging.Formatter):
    """Formats a record as one scrubbed line."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        parts = [f"{time}Z", record.levelname, record.name, scrub(record.getMessage())]
        parts += [f"{name}={getattr(record, name)}" for name in _FIELDS if hasattr(record, name)]
        if record.exc_info and record.exc_info[0]:
            parts.append(_describe(record.exc_info))
        return " ".join(" ".join(part.split()) for part in parts)


def _describe(exc_info: _ExcInfo) -> str:
    kind, error, trace = exc_info
    steps = [
        f"{frame.filename.rsplit('/', 2)[-2]}/{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
        if "/" in frame.filename
        else f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)[-8:]
    ]
    words = f" says={json.dumps(scrub(str(error)))}" if kind.__module__.startswith(OURS) else ""
    return f"error={kind.__module__}.{kind.__qualname__}{words} at={'>'.join(steps)}"


class NoTaskContents(logging.Filter):
    """Empties what Celery would say of a task's arguments, result, error text and message body."""

    _HELD_BACK = ("args", "kwargs", "return_value", "exc", "traceback")

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("celery"):
            return True
        arguments: Any = record.args
        if isinstance(arguments, dict):
            record.args = arguments | {k: "-" for k in self._HELD_BACK if k in arguments}
        elif isinstance(arguments, tuple) and "body" in str(record.msg):
            # Messages that could not be read are quoted whole: keep the reason alone.
            record.args = (arguments[0], *("-" for _ in arguments[1:]))
        return True


def logging_settings(level: str) -> dict[str, Any]:
    """The LOGGING setting: everything to standard error, libraries from WARNING on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no_task_contents": {"()": NoTaskContents}},
        "formatters": {"one_line": {"()": OneLine}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "one_line",
                "filters": ["no_task_contents"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {name: {"level": level} for name in (*OURS, "celery")}
        | {
            # Django gives these two handlers of their own, with formats of their own.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # A line for every periodic task sent would drown the rest.
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "INFO" if level == "DEBUG" else "WARNING"},
            "celery.worker.strategy": {"level": "INFO" if level == "DEBUG" else "WARNING"},
        },
    }
