"""Alibaba Cloud, whose assistant people know as Qwen."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="qwen",
    name="Qwen",
    company="Alibaba Cloud",
    docs_url="https://qwen.ai/",
    code="QW",
    light="#5A3FC7",
    dark="#B5A4FF",
    shape="triangle",
    without_api="As far as is known, it cannot be connected live.",
    export_steps=(
        "In Qwen on a computer, open Settings, then Chats or Data (names as far as is known).",
        "Choose to export all chats.",
        "Upload the JSON file here as it is.",
    ),
)
