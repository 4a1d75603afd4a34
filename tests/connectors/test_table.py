"""The page that tells what each connector can do is what they say of themselves now."""

import re

from connectors.base.live.options import settings_of
from connectors.base.registry import connectors, vendors
from connectors.base.table import PAGE, page
from connectors.base.types import Capability


def test_the_page_is_current() -> None:
    told = "docs/connectors.md is old: run python -m connectors.base.table"
    assert PAGE.read_text(encoding="utf-8") == page(), told


def test_every_connector_and_setting_is_on_it() -> None:
    parts = page().split("\n## ")
    told = {part.partition("\n")[0]: part for part in parts[1:]}
    for one in connectors().values():
        for quirk in one.quirks:
            assert quirk in told[one.name]
        for each in settings_of(one.Options):
            secret = "secret, " if each.is_secret else ""
            assert f"| {each.label} | {secret}" in told[one.name]


def test_the_overview_has_their_abilities() -> None:
    rows = re.findall(r"^\| \[.*?\]\(#.*?\) \| `(.*?)` \| (.*) \|$", page(), re.M)
    told = {slug: [cell.strip() == "yes" for cell in cells.split("|")] for slug, cells in rows}
    abilities = [
        getattr(Capability, name) for name in ["CREATE", "UPDATE", "DELETE", "DELTA", "NOTICE"]
    ]
    assert told == {
        slug: [True, *(ability in one.capabilities for ability in abilities)]
        for slug, one in connectors().items()
    }


def test_assistants_without_an_api_are_on_it() -> None:
    without = [vendor for vendor in vendors().values() if vendor.without_api]
    assert len(without) >= 6
    for vendor in without:
        assert f"| {vendor.name} ({vendor.company}) | {vendor.without_api} |" in page()
