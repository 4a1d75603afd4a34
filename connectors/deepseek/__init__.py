"""DeepSeek, whose assistant goes by the same name."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="deepseek",
    name="DeepSeek",
    company="DeepSeek",
    docs_url="https://www.deepseek.com/",
    code="DS",
    light="#3B4FD8",
    dark="#9AA8FF",
    shape="ring",
    without_api="As far as is known, it cannot be connected live.",
    export_steps=(
        "In DeepSeek on a computer, open Settings, then Data.",
        "Choose to export all chats and wait until the file is ready.",
        "Upload the zip here as it is.",
    ),
)
