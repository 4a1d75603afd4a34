"""Tools, resources and prompts that the referee calls by name. The product has none of them."""

import asyncio
import base64
import json
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.shared.exceptions import MCPError
from mcp.types import (
    AudioContent,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
_WAV = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0D\xac\0\0\x88X\1\0\2\0\x10\0data\0\0\0\0"
_IMAGE = ImageContent(type="image", data=base64.b64encode(_PNG).decode(), mime_type="image/png")
_AUDIO = AudioContent(type="audio", data=base64.b64encode(_WAV).decode(), mime_type="audio/wav")
_MISSING_CAPABILITY = -32021


def add_to(server: MCPServer[Any]) -> None:
    _tools(server)
    _diagnostic_tools(server)
    _resources(server)
    _prompts(server)


def _tools(server: MCPServer[Any]) -> None:
    @server.tool(structured_output=False)
    async def test_simple_text() -> str:
        """Fixture: simple text."""
        return "This is a simple text response for testing."

    @server.tool(structured_output=False)
    async def test_image_content() -> list[ImageContent]:
        """Fixture: image content."""
        return [_IMAGE]

    @server.tool(structured_output=False)
    async def test_audio_content() -> list[AudioContent]:
        """Fixture: audio content."""
        return [_AUDIO]

    @server.tool(structured_output=False)
    async def test_embedded_resource() -> list[EmbeddedResource]:
        """Fixture: embedded resource."""
        return [_embedded("test://embedded-resource", "This is an embedded resource content.")]

    @server.tool(structured_output=False)
    async def test_multiple_content_types() -> list[Any]:
        """Fixture: multiple content types."""
        text = TextContent(type="text", text="Multiple content types test:")
        said = json.dumps({"test": "data", "value": 123})
        held = _embedded("test://mixed-content-resource", said, "application/json")
        return [text, _IMAGE, held]

    @server.tool(structured_output=False)
    async def test_error_handling() -> str:
        """Fixture: error handling."""
        raise ToolError("This tool intentionally returns an error for testing")


def _diagnostic_tools(server: MCPServer[Any]) -> None:
    @server.tool(structured_output=False)
    async def test_tool_with_progress(ctx: Context[Any, Any]) -> str:
        """Fixture: tool with progress."""
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100)
            await asyncio.sleep(0.05)
        return "Done."

    @server.tool(structured_output=False)
    async def test_streaming_elicitation(ctx: Context[Any, Any]) -> str:
        """Ours asks its callers nothing: the stream holds the answer alone."""
        return await test_tool_with_progress(ctx)

    @server.tool(structured_output=False)
    async def test_logging_tool() -> str:
        """Ours sends no log lines to its callers."""
        return "Nothing is logged to you."

    @server.tool(structured_output=False)
    async def test_missing_capability() -> str:
        """Fixture: missing capability."""
        raise MCPError(
            code=_MISSING_CAPABILITY,
            message="This needs sampling.",
            data={"requiredCapabilities": {"sampling": {}}},
        )


def _resources(server: MCPServer[Any]) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    async def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    async def static_binary() -> bytes:
        return _PNG

    @server.resource("test://template/{id}/data", mime_type="application/json")
    async def template(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _prompts(server: MCPServer[Any]) -> None:
    @server.prompt()
    async def test_simple_prompt() -> str:
        """Fixture: simple prompt."""
        return "This is a simple prompt for testing."

    @server.prompt()
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """Fixture: prompt with arguments."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt()
    async def test_prompt_with_embedded_resource(resourceUri: str) -> list[Any]:
        """Fixture: prompt with embedded resource."""
        held = _embedded(resourceUri, "Embedded resource content for testing.")
        return [UserMessage(held), UserMessage("Please process the embedded resource above.")]

    @server.prompt()
    async def test_prompt_with_image() -> list[Any]:
        """Fixture: prompt with image."""
        return [UserMessage(_IMAGE), UserMessage("Please analyze the image above.")]


def _embedded(uri: str, text: str, kind: str = "text/plain") -> EmbeddedResource:
    held = TextResourceContents(uri=uri, mime_type=kind, text=text)
    return EmbeddedResource(type="resource", resource=held)
