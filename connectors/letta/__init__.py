"""Letta, whose agents keep their memory in blocks, archives and files."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="letta",
    name="Letta",
    company="Letta",
    docs_url="https://docs.letta.com/letta-agent/concepts/memfs",
    code="LE",
    light="#7A4B12",
    dark="#D9A566",
    shape="bar",
    group="service",
    export_steps=(
        "In Letta, open the agent and export it as an agent file, which ends in .af.",
        "Upload the file here.",
    ),
)
