"""MCP Memory Service, an open-source memory server with a REST API."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="mcp_memory_service",
    name="MCP Memory Service",
    company="MCP Memory Service",
    docs_url="https://github.com/doobidoo/mcp-memory-service",
    code="MM",
    light="#8A3F5C",
    dark="#E39AB6",
    shape="square",
    group="service",
)
