"""Cognee, which builds a knowledge graph from documents."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="cognee",
    name="Cognee",
    company="Topoteretes",
    docs_url="https://docs.cognee.ai/",
    code="CN",
    light="#5B4BC4",
    dark="#B3A8FF",
    shape="bar",
)
