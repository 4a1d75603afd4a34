"""Anthropic, whose assistant people know as Claude."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="anthropic",
    name="Claude",
    company="Anthropic",
    docs_url="https://support.claude.com/en/articles/9450526-how-can-i-export-my-claude-data",
    code="CL",
    light="#B4511F",
    dark="#F09A6B",
    shape="square",
    without_api="It can read and add live, as a custom connector.",
    export_steps=(
        "In Claude on the web or the desktop, open Settings, then Privacy.",
        "Choose Export data and confirm.",
        "Open the link in the mail from Anthropic and download every file it offers: "
        "conversations, projects, memories and the manifest. Each link works once.",
        "Upload all of them here together, as they are.",
        "For Claude Code, zip the folder .claude/projects of your home folder and upload that. "
        "Of what its tools saw, nothing is read.",
    ),
)
