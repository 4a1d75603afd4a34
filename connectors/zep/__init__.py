"""Zep, a memory service for agents that keeps facts in a graph; Graphiti is its open engine."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="zep",
    name="Zep",
    company="Zep",
    docs_url="https://help.getzep.com",
    code="ZP",
    light="#A23E6E",
    dark="#F09CC2",
    shape="bar",
    group="service",
    export_steps=(
        "Save the facts of your graph as JSON: the edges the API lists, or a dump of Graphiti.",
        "Upload the file here.",
    ),
)
