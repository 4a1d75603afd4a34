"""OpenAI, whose assistant people know as ChatGPT."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="openai",
    name="ChatGPT",
    company="OpenAI",
    docs_url="https://help.openai.com/en/articles/7260999-how-do-i-export-my-chatgpt-history-and-data",
    code="CG",
    light="#0F7B5F",
    dark="#4FC7A3",
    shape="circle",
    without_api="It can read and add live, as an app in developer mode.",
    export_steps=(
        "In ChatGPT, open Settings, then Data controls.",
        "Choose Export data and confirm.",
        "Wait for the mail from OpenAI, then download the zip within 24 hours: the link expires.",
        "Upload the zip here as it is. There is no need to unpack it.",
        "For Codex, zip the folders .codex/sessions and .codex/memories of your home folder and "
        "upload that. Of what its tools saw, nothing is read.",
    ),
)
