"""Markdown files that people and agents keep: Obsidian, Basic Memory, CLAUDE.md and the like."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="folder",
    name="Folder of Markdown",
    company="Markdown",
    docs_url="https://commonmark.org/help/",
    code="FD",
    light="#3F6B2E",
    dark="#9CCB86",
    shape="bar",
    group="format",
)
