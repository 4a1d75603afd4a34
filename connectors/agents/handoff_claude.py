"""CLAUDE.md, which Claude Code reads."""

from connectors.base.handing.rule_file import RuleFile, steps_for


class ClaudeFile(RuleFile):
    name = "CLAUDE.md, for Claude Code"
    file = "CLAUDE.md"
    steps = steps_for("Claude Code", file)
    limits = "Markdown, read whole each time. Anthropic advises to stay under 200 lines (2026)."
    sure = "documented"
    source = "https://code.claude.com/docs/en/memory"
