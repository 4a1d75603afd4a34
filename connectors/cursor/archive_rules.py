"""Reads .mdc files that come alone: rules that a person wrote for Cursor (.cursor/rules)."""

from connectors.agents.places import CURSOR
from connectors.agents.rule_files import RuleArchive


class CursorRules(RuleArchive):
    vendor = "cursor"
    what = "Rules for Cursor (.cursor/rules)"

    def mine(self, agents: frozenset[str]) -> bool:
        return agents == {CURSOR}
