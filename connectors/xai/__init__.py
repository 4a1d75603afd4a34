"""xAI, whose assistant people know as Grok."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="xai",
    name="Grok",
    company="xAI",
    docs_url="https://x.ai/legal/faq",
    code="GR",
    light="#625A78",
    dark="#B8B0CC",
    shape="diamond",
    without_api="It can read and add live, as a custom connector.",
    export_steps=(
        "In Grok, open Settings, then Data Controls; or open accounts.x.ai/data and sign in.",
        "Choose to download your account data and confirm.",
        "Wait for the mail from xAI and download the zip.",
        "Upload the zip here as it is. What you said to Grok inside X is not in it.",
    ),
)
