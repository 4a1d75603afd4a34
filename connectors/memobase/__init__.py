"""Memobase, which keeps a profile of each user of an app."""

from connectors.base.vendor import Vendor

VENDOR = Vendor(
    slug="memobase",
    name="Memobase",
    company="Memobase",
    docs_url="https://docs.memobase.io/",
    code="MB",
    light="#94460F",
    dark="#EFA36B",
    shape="ring",
    group="service",
)
