"""PAM, Portable AI Memory: a JSON file made to carry memories from one assistant to another."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="pam",
    name="PAM file",
    company="Portable AI Memory",
    docs_url="https://portable-ai-memory.org/spec/v1.0",
    code="PM",
    light="#2E6A4F",
    dark="#8FCFB0",
    shape="square",
    group="format",
    export_steps=(
        "Make the file with the program that offers it: most call it memory-store.json.",
        "Where there is a folder conversations beside it, put both into one zip.",
        "Upload the file or the zip here.",
    ),
)
