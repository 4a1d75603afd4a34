"""Kagi, whose assistant goes by the same name."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="kagi",
    name="Kagi Assistant",
    company="Kagi",
    docs_url="https://help.kagi.com/kagi/ai/assistant.html",
    code="KA",
    light="#8F4A00",
    dark="#FFB968",
    shape="circle",
    without_api="As far as is known, it cannot be connected live.",
    export_steps=(
        "As far as is known, Kagi gives out one thread at a time, as Markdown.",
        "Public scripts save all threads as one JSON file, with threadDetail and markdownExport.",
        "Upload that JSON file here as it is.",
    ),
)
