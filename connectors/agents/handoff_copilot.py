"""copilot-instructions.md, which GitHub Copilot reads."""

from connectors.base.handing.rule_file import RuleFile, steps_for


class CopilotFile(RuleFile):
    name = "Instructions for GitHub Copilot"
    file = ".github/copilot-instructions.md"
    steps = steps_for("Copilot", file)
    limits = (
        "Markdown. GitHub advises to keep it short; until 2026 its code review read only the first "
        "4,000 characters."
    )
    sure = "documented"
    source = "https://docs.github.com/en/copilot/how-tos/configure-custom-instructions/add-repository-instructions"
