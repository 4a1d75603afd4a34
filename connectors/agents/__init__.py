"""Rules for coding agents: AGENTS.md, and the files of the same kind that each agent has."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="agents",
    name="Coding agents",
    company="Agentic AI Foundation",
    docs_url="https://agents.md",
    code="AG",
    light="#4E6A12",
    dark="#B4D36B",
    shape="triangle",
    group="agent",
    export_steps=(
        "Find the rules of your project: AGENTS.md, CLAUDE.md, GEMINI.md, "
        ".github/copilot-instructions.md or the folder .cursor/rules.",
        "Upload one of them as it is, or zip the folder they are in and upload that.",
        "Only the rules are read; code and other documents are left alone.",
    ),
)
