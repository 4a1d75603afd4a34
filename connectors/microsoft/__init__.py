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
    export_steps=(
        "Open account.microsoft.com/privacy and sign in.",
        "Find Copilot activity history and choose to export all of it.",
        "Upload the CSV file here, or the zip, as it is. What Copilot remembers is not in it.",
    ),
)
