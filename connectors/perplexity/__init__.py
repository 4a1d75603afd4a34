"""Perplexity, whose assistant goes by the same name."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="perplexity",
    name="Perplexity",
    company="Perplexity AI",
    docs_url="https://www.perplexity.ai/help-center/en/",
    code="PX",
    light="#13707A",
    dark="#6FD0D8",
    shape="bar",
    without_api="It can read and add live, as a custom connector.",
    export_steps=(
        "Ask Perplexity for a copy of your data, in its settings or by mail to its support "
        "(as far as is known).",
        "Wait for the mail and download the zip.",
        "Upload the zip here as it is. What Perplexity remembers is in it, as a workbook.",
    ),
)
