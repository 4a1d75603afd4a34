"""Mistral, whose assistant people know as Le Chat."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="mistral",
    name="Le Chat",
    company="Mistral AI",
    docs_url="https://docs.mistral.ai/",
    code="MI",
    light="#A8326B",
    dark="#F59AC4",
    shape="ring",
    without_api="It can read and add live, once an administrator adds it as a connector.",
    export_steps=(
        "In Le Chat, open the menu at your name, then Settings and Privacy (as far as is known).",
        "Choose to export your data and wait for the mail.",
        "Upload the zip here as it is. Memories are not in it: copy them from Settings, Memories.",
    ),
)
