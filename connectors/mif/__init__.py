"""MIF: two formats of this name, a folder of Markdown files and one JSON file."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="mif",
    name="MIF file",
    company="Modeled Information Format",
    docs_url="https://mif-spec.dev/",
    code="MF",
    light="#7B5A1E",
    dark="#DDB978",
    shape="triangle",
    group="format",
    export_steps=(
        "Make the export with the program that offers it: a folder of Markdown, or one JSON file.",
        "Pack a folder into one zip; leave a JSON file as it is.",
        "Upload it here.",
    ),
)
