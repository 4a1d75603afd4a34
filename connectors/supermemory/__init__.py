"""Supermemory, a memory service for agents, hosted or run by oneself."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="supermemory",
    name="Supermemory",
    company="Supermemory",
    docs_url="https://supermemory.ai/docs",
    code="SM",
    light="#1F6C99",
    dark="#7CC4EE",
    shape="cross",
    group="service",
)
