"""What is no vendor's export: notes, tables, lists, and what an assistant wrote about a person."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="plain",
    name="Your own files",
    company="You",
    docs_url="https://commonmark.org/help/",
    code="YF",
    light="#5B5F66",
    dark="#B4B9C1",
    shape="square",
    group="files",
    export_steps=(
        "Choose Markdown or text, a CSV or TSV table whose first row names its columns, or JSON.",
        "Zip a folder of notes, such as an Obsidian vault, and upload the zip.",
        "Or paste a list: what another assistant told you about yourself.",
        "If it is not clear what in a file is a memory, you are asked.",
    ),
)
