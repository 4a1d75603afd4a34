"""AGENTS.md, which most coding agents read."""

from connectors.base.handing.rule_file import RuleFile, steps_for


class AgentsFile(RuleFile):
    name = "AGENTS.md, for coding agents"
    file = "AGENTS.md"
    steps = steps_for("the agent", file)
    limits = (
        "Plain Markdown without required fields, read whole each time. The form sets no length; "
        "Codex stops at 32 KiB of all such files together (2026)."
    )
    sure = "documented"
    source = "https://agents.md"
