"""Microsoft, whose assistant people know as Copilot."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="microsoft",
    name="Copilot",
    company="Microsoft",
    docs_url="https://support.microsoft.com/en-us/copilot",
    code="CP",
    light="#0B6A8F",
    dark="#6CC4E8",
    shape="cross",
    without_api="It cannot be connected live: only what is built with Copilot Studio can.",
)
