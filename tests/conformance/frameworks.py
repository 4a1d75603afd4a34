"""One search by one agent framework: `python frameworks.py <name> <url>`, the token in MCP_TOKEN.

Runs in that framework's own Python environment, so it imports nothing of the project. Prints what
was found; any failure ends it with its traceback.
"""

import asyncio
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

NAME, URL = sys.argv[1:3]
TOKEN = os.environ["MCP_TOKEN"]
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
ASKED = {"query": "bees"}


class Model(BaseHTTPRequestHandler):
    """A model that asks for one search and then repeats what came back."""

    answers: ClassVar[dict[str, Any]]

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = [m for m in said["messages"] if m["role"] == "tool" or "tool_result" in str(m)]
        answer = self.repeats(said, str(told[-1])) if told else self.asks(said)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""

    def asks(self, said: Any) -> Any:
        raise NotImplementedError

    def repeats(self, said: Any, words: str) -> Any:
        raise NotImplementedError


class OpenAI(Model):
    def _message(self, said: Any, message: dict[str, Any], why: str) -> Any:
        choice = {"index": 0, "finish_reason": why, "message": {"role": "assistant", **message}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        head = {"id": "x", "object": "chat.completion", "created": 1, "model": said["model"]}
        return {**head, "choices": [choice], "usage": usage}

    def asks(self, said: Any) -> Any:
        call = {"name": "search", "arguments": json.dumps(ASKED)}
        calls = [{"id": "call_1", "type": "function", "function": call}]
        return self._message(said, {"content": None, "tool_calls": calls}, "tool_calls")

    def repeats(self, said: Any, words: str) -> Any:
        return self._message(said, {"content": words}, "stop")


class Anthropic(Model):
    def _message(self, said: Any, content: Any, why: str) -> Any:
        head = {"id": "x", "type": "message", "role": "assistant", "model": said["model"]}
        usage = {"input_tokens": 1, "output_tokens": 1}
        end = {"stop_reason": why, "stop_sequence": None, "usage": usage}
        return {**head, "content": [content], **end}

    def asks(self, said: Any) -> Any:
        use = {"type": "tool_use", "id": "call_1", "name": "search", "input": ASKED}
        return self._message(said, use, "tool_use")

    def repeats(self, said: Any, words: str) -> Any:
        return self._message(said, {"type": "text", "text": words}, "end_turn")


def serve(model: type[Model]) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


async def fastmcp() -> Any:
    from fastmcp import Client
    from fastmcp.client.auth import BearerAuth

    async with Client(URL, auth=BearerAuth(TOKEN)) as client:
        assert "search" in {tool.name for tool in await client.list_tools()}
        return (await client.call_tool("search", ASKED)).structured_content


async def openai_agents() -> Any:
    from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
    from agents.mcp import MCPServerStreamableHttp
    from openai import AsyncOpenAI

    set_tracing_disabled(True)
    model = AsyncOpenAI(base_url=serve(OpenAI) + "/v1", api_key="x")
    async with MCPServerStreamableHttp(params={"url": URL, "headers": HEADERS}) as server:
        played = OpenAIChatCompletionsModel("played", model)
        agent = Agent(name="x", mcp_servers=[server], model=played)
        return (await Runner.run(agent, "What do you know of bees?")).final_output


async def anthropic() -> Any:
    import httpx2
    from anthropic import AsyncAnthropic
    from anthropic.lib.tools.mcp import async_mcp_tool
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    model = AsyncAnthropic(base_url=serve(Anthropic), api_key="x")
    async with (
        httpx2.AsyncClient(headers=HEADERS, timeout=60) as http,
        Client(streamable_http_client(URL, http_client=http)) as client,
    ):
        tools = [async_mcp_tool(tool, client) for tool in (await client.list_tools()).tools]
        asked: Any = [{"role": "user", "content": "What do you know of bees?"}]
        runner = model.beta.messages.tool_runner(
            model="played", max_tokens=1000, messages=asked, tools=tools
        )
        return await runner.until_done()


async def langchain() -> Any:
    from langchain_mcp_adapters.client import MultiServerMCPClient

    server: Any = {"transport": "streamable_http", "url": URL, "headers": HEADERS}
    tools = {tool.name: tool for tool in await MultiServerMCPClient({"x": server}).get_tools()}
    return await tools["search"].ainvoke(ASKED)


ALL = {
    "fastmcp": fastmcp,
    "openai-agents": openai_agents,
    "anthropic": anthropic,
    "langchain": langchain,
}

if __name__ == "__main__":
    print(asyncio.run(ALL[NAME]()))
