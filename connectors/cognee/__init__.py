"""Cognee, which builds a knowledge graph from documents."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="cognee",
    name="Cognee",
    company="Topoteretes",
    docs_url="https://docs.cognee.ai/",
    code="CN",
    light="#5B4BC4",
    dark="#B3A8FF",
    shape="bar",
    group="service",
    export_steps=(
        'Export the dataset with cognee.export(name, format="cogx", destination=a folder).',
        "Pack the folder into one zip; a .cogx.tar.gz has to be unpacked first.",
        "Upload the zip here.",
    ),
)
