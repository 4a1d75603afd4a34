"""The addresses that an app's token can be made for: it works at that one alone (RFC 8707)."""

from urllib.parse import urlsplit

MCP, REST = "/mcp", "/api/v1"


def asked_for(base: str, resources: list[str]) -> str | None:
    """Which of ours, under this server's base address without a slash at its end; REST for none
    named. None for an address that is not ours, and for several."""
    wanted = {resource.rstrip("/") for resource in resources}
    if not wanted:
        return base + REST
    here = {base + path for path in (MCP, REST)}
    return wanted.pop() if len(wanted) == 1 and wanted <= here else None


def of(url: str, path: str) -> str:
    """The audience at the server that was called by this address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{path}"
