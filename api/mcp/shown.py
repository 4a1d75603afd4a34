"""What the SDK's server is told to do otherwise, for every message."""

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS

from api.challenges import ADDING, CHANGING, READING
from api.mcp import needs
from api.mcp.asking import asking
from vault.access import Access


async def only_usable(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Takes tools that the asker could never use out of their listing. To call one is refused."""
    result = await call_next(ctx)
    if ctx.method != "tools/list" or not isinstance(result, dict):
        return result
    access = asking.get().access
    kept = [tool for tool in result["tools"] if usable(access, tool["name"])]
    return {**result, "tools": kept}


async def no_such_prompt(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """The SDK takes a prompt that is not there for a fault of ours, and logs it as one."""
    try:
        return await call_next(ctx)
    except ValueError:
        if ctx.method != "prompts/get":
            raise
        raise MCPError(code=INVALID_PARAMS, message="There is no such prompt.") from None


def usable(access: Access, tool: str) -> bool:
    """Whether its rights let it, or a scope is missing that its owner may still give: an app asks
    for that when it calls the tool, so it has to know of it."""
    if needs.can_ask(access, tool):
        return True
    adds = any(right.add != "no" for right in access.rights.values())
    changes = any(right.see and right.add != "no" for right in access.rights.values())
    ways = needs.OF_TOOL.get(tool, ())
    able = {READING: bool(access.visible), ADDING: adds, CHANGING: changes}
    return able.get(ways, True)
