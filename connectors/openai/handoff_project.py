"""Files for a ChatGPT project."""

from connectors.base.handing.project_files import LONGEST, ProjectFiles


class ChatGPTProject(ProjectFiles):
    name = "ChatGPT, project files"
    files = 5
    where = "Files of the project"
    steps = (
        "Download the files and unpack the zip, if it is one.",
        "In ChatGPT, make a project or open one.",
        "Add the files to it.",
        "To check, ask in a chat of the project what it knows about you from these files.",
    )
    limits = (
        "How many files fit depends on the plan; the least that is reported is 5 (2026), so there "
        f"are at most 5, of {LONGEST:,} characters."
    )
    sure = "reported"
    source = "https://help.openai.com/en/articles/10169521-projects-in-chatgpt"
