"""Meta, whose assistant people know as Meta AI."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="meta",
    name="Meta AI",
    company="Meta",
    docs_url="https://www.meta.ai/help/",
    code="MT",
    light="#1B5FB8",
    dark="#86B8FF",
    shape="circle",
    without_api="As far as is known, it cannot be connected live.",
    export_steps=(
        "Open Accounts Center, then Your information and permissions, and choose to export it.",
        "Choose Meta AI, and HTML as the format; other formats are not known here.",
        "Wait for the notice, download the zip and upload it here as it is.",
    ),
)
