"""OMI, Open Memory Interchange: a draft of the least that a file of memories must hold."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="omi",
    name="OMI file",
    company="Open Memory Interchange",
    docs_url="https://omi-ai.org/docs/",
    code="OI",
    light="#5E5470",
    dark="#BDB2D2",
    shape="circle",
    group="format",
    export_steps=(
        "Make the file with the program that offers it; its name ends in .omi.json or .omi.jsonl.",
        "Upload it here.",
    ),
)
