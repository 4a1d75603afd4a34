"""Files for the knowledge of a Claude project."""

from connectors.base.handing.project_files import LONGEST, ProjectFiles


class ClaudeProject(ProjectFiles):
    name = "Claude, project files"
    files = 20
    where = "Project knowledge"
    steps = (
        "Download the files and unpack the zip, if it is one.",
        "In Claude, open Projects and the project, or make one.",
        "Add the files to the project's knowledge.",
        "To check, ask in the project what Claude knows about you from these files.",
    )
    limits = (
        "Markdown files. How much a project holds depends on the plan and is shown as you add; we "
        f"write at most 20 files of {LONGEST:,} characters."
    )
    source = "https://support.claude.com/en/articles/9517075-what-are-projects"
