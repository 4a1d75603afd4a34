"""Knows the rule files of coding agents by their well-known names and places.

Elsewhere in the connectors nothing is known by its name, since vendors share them. Here the name is
all there is: such a file is plain Markdown that says nothing of whose it is, and its name is what
makes an agent read it. A name that is not one of these is left to the readers of plain Markdown.
Sources: agents.md; code.claude.com/docs/en/memory; github.com/google-gemini/gemini-cli
(docs/cli/gemini-md.md); cursor.com/docs/context/rules; docs.github.com, "Adding repository custom
instructions for GitHub Copilot".
"""

import re
from pathlib import PurePosixPath

from connectors.base.reading.files import File, Files

AGENTS, CLAUDE, GEMINI = "AGENTS.md", "Claude Code", "Gemini CLI"
CURSOR, COPILOT = "Cursor", "GitHub Copilot"
_NAMES = {
    "AGENTS.md": AGENTS,
    "AGENTS.override.md": AGENTS,
    "CLAUDE.md": CLAUDE,
    "CLAUDE.local.md": CLAUDE,
    "GEMINI.md": GEMINI,
    ".cursorrules": CURSOR,
    "copilot-instructions.md": COPILOT,
}
_COPY_NUMBER = re.compile(r" ?\(\d+\)(?=\.)")  # what browsers add to the second download
_OTHERS_WORK = frozenset(
    ("node_modules", "site-packages", "plugins", "marketplaces", "vendor", ".git", ".venv", "cache")
)
_FRONT_MATTER = b"---"
_TEXT = frozenset((".md", ".markdown", ".txt", ""))
_NOTES = ".obsidian"


def agent_of(file: File) -> str:
    """Whose rules `file` holds, "" if it holds none that are known."""
    path = PurePosixPath(file.where)
    folders = path.parts[:-1]
    if _OTHERS_WORK & set(folders):
        return ""
    if path.suffix == ".mdc" and file.start.startswith(_FRONT_MATTER):
        return CURSOR
    if path.name.endswith(".instructions.md") and folders[-2:] == (".github", "instructions"):
        return COPILOT
    if path.suffix == ".md" and ".claude" in folders and folders[-1] == "rules":
        return CLAUDE
    return _NAMES.get(_COPY_NUMBER.sub("", path.name), "")


def rule_files(files: Files) -> list[tuple[File, str]]:
    """Each file of rules, with whose it is."""
    found = ((file, agent_of(file)) for file in files.values())
    return [(file, agent) for file, agent in found if agent]


def are_notes(files: Files) -> bool:
    """Whether the rules lie among notes: then a reader of notes takes it all."""
    paths = [PurePosixPath(where) for where in files]
    if any(_NOTES in path.parts for path in paths):
        return True
    notes = [file for file in files.values() if file.name.endswith(".md") and not agent_of(file)]
    return bool(notes) and all(path.suffix.lower() in _TEXT for path in paths)
