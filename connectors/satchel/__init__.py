"""Satchel itself: a vault of somebody else's, or one's own elsewhere."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="satchel",
    name="Satchel",
    company="Satchel",
    docs_url="https://satchel.example/docs/api",
    code="SA",
    light="#7A4B12",
    dark="#E3B778",
    shape="cross",
    group="format",
)
