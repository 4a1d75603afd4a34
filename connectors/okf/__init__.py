"""OKF, the Open Knowledge Format: a folder of Markdown files that people and models both read."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="okf",
    name="OKF folder",
    company="Google Cloud",
    docs_url="https://github.com/GoogleCloudPlatform/knowledge-catalog/blob/main/okf/SPEC.md",
    code="OK",
    light="#3B5BA9",
    dark="#A7BDF2",
    shape="cross",
    group="format",
    export_steps=(
        "Take the whole folder, with index.md where there is one.",
        "Pack it into one zip.",
        "Upload the zip here.",
    ),
)
