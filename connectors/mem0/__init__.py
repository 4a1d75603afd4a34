"""Mem0, a memory service for agents, hosted or run by oneself."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="mem0",
    name="Mem0",
    company="Mem0",
    docs_url="https://docs.mem0.ai",
    code="MZ",
    light="#7A3FC0",
    dark="#C3A0F5",
    shape="ring",
    group="service",
    export_steps=(
        "Save what get_all gives for your user id, or a memory export, as a JSON file.",
        "Of OpenMemory, choose Settings, then Export, and take the zip as it is.",
        "Upload the file here.",
    ),
)
