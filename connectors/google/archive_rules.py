"""Reads GEMINI.md files that come alone: rules that a person wrote for Gemini CLI (GEMINI.md)."""

from connectors.agents.places import GEMINI
from connectors.agents.rule_files import RuleArchive


class GeminiRules(RuleArchive):
    vendor = "google"
    what = "Rules for Gemini CLI (GEMINI.md)"

    def mine(self, agents: frozenset[str]) -> bool:
        return agents == {GEMINI}
