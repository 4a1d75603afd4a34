"""Reads CLAUDE.md files that come alone: rules that a person wrote for Claude Code (CLAUDE.md)."""

from connectors.agents.places import CLAUDE
from connectors.agents.rule_files import RuleArchive


class ClaudeRules(RuleArchive):
    vendor = "anthropic"
    what = "Rules for Claude Code (CLAUDE.md)"

    def mine(self, agents: frozenset[str]) -> bool:
        return agents == {CLAUDE}
