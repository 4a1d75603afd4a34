"""Who asks, during one MCP request; and the threads in which the vault is worked with."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from django.db import connections
from mcp.server.mcpserver.exceptions import ResourceError

from api.errors import UNEXPECTED, own_words, problem_of
from api.metrics import Outcome, called
from vault.access import Access
from vault.errors import Tampered, VaultError

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request: its Access, this server's address without a slash, where to work, and the name
    of what is called, if it is one of ours."""

    access: Access
    base: str
    executor: Executor
    called: str = ""


asking: ContextVar[Asking] = ContextVar("asking")


async def run(act: Callable[Concatenate[Asking, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do this in one of the server's bounded threads, with a database connection of its own.

    ResourceError, which the SDK takes from tools, too, with words for the model: the vault's own,
    or none that tell anything.
    """
    now = asking.get()
    outcome: Outcome | None = "failed"
    try:
        answer = await in_thread(now.executor, lambda: act(now, *args, **kwargs))
        outcome = "done"
        return answer
    except Tampered:
        raise ResourceError("Stored data was altered. Nothing was shown. Ask the owner.") from None
    except VaultError as error:
        outcome = "refused"
        raise ResourceError(own_words(error)) from None
    except Exception as error:
        problem = problem_of(error)
        logger.error("A tool failed (%s).", type(error).__name__)
        known = problem.status == 503
        raise ResourceError(problem.detail if known else UNEXPECTED.detail) from None
    except asyncio.CancelledError:
        outcome = None  # the door knows why
        raise
    finally:
        if now.called and outcome:
            called(now.called, outcome)


async def in_thread(executor: Executor, act: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, lambda: _and_close(act))


def _and_close(act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        connections.close_all()
