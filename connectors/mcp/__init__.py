"""Memory servers that speak the Model Context Protocol, whoever made them."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="mcp",
    name="MCP memory server",
    company="Model Context Protocol",
    docs_url="https://modelcontextprotocol.io/docs/getting-started/intro",
    code="MP",
    light="#51606B",
    dark="#A9BAC7",
    shape="ring",
    group="service",
    export_steps=(
        "Find the file of the reference server, memory.jsonl: MEMORY_FILE_PATH says where.",
        "Upload it here.",
    ),
)
