"""A rule for Cursor, in its own kind of file."""

from connectors.base.handing.rule_file import RuleFile, steps_for


class CursorRule(RuleFile):
    name = "Rule for Cursor"
    file = ".cursor/rules/satchel.mdc"
    before = (
        "---\n"
        "description: Notes about the person who works here\n"
        "globs:\n"
        "alwaysApply: true\n"
        "---\n\n"
    )
    steps = steps_for("Cursor", file)
    limits = (
        "Markdown after three fields that say when it applies; this one always does. Cursor "
        "advises to keep a rule under 500 lines (2026)."
    )
    sure = "documented"
    source = "https://cursor.com/docs/rules"
