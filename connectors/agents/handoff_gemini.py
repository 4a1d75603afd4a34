"""GEMINI.md, which Gemini CLI reads."""

from connectors.base.handing.rule_file import RuleFile, steps_for


class GeminiFile(RuleFile):
    name = "GEMINI.md, for Gemini CLI"
    file = "GEMINI.md"
    steps = steps_for("Gemini CLI", file)
    limits = "Markdown, read whole each time. Google names no length."
    sure = "documented"
    source = "https://google-gemini.github.io/gemini-cli/docs/cli/gemini-md.html"
