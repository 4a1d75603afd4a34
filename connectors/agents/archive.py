"""Reads AGENTS.md, the instructions of GitHub Copilot, and projects with rules for several agents.

Rules of one agent alone are its vendor's: see `archive_rules.py` of Anthropic, Google and Cursor.
"""

from connectors.agents.places import AGENTS, COPILOT
from connectors.agents.rule_files import RuleArchive


class AgentRules(RuleArchive):
    vendor = "agents"
    what = "Rules for coding agents"

    def mine(self, agents: frozenset[str]) -> bool:
        return len(agents) > 1 or bool(agents & {AGENTS, COPILOT})
