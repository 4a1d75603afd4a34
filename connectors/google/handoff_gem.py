"""Files for the knowledge of a Gem, Gemini's own helper for one purpose."""

from connectors.base.handing.project_files import LONGEST, ProjectFiles


class Gem(ProjectFiles):
    name = "Gemini, files for a Gem"
    files = 10
    where = "Knowledge of the Gem"
    steps = (
        "Download the files and unpack the zip, if it is one.",
        "In Gemini, open Gems and make a new one, or edit one.",
        "Add the files under Knowledge and save.",
        "To check, ask the Gem what it knows about you from these files.",
    )
    limits = (
        "Ten files are reported for a Gem (2026), so there are at most 10, of "
        f"{LONGEST:,} characters."
    )
    sure = "reported"
