"""Writes docs/connectors.md, from what the connectors say of themselves:
`python -m connectors.base.table`."""

from collections.abc import Iterator
from pathlib import Path

from connectors.base.live.options import settings_of
from connectors.base.protocol import Connector
from connectors.base.registry import archives, connectors, vendors
from connectors.base.types import Capability

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"
_ABILITIES = (
    (Capability.CREATE, "Out"),
    (Capability.UPDATE, "Edit"),
    (Capability.DELETE, "Delete"),
    (Capability.DELTA, "Changes only"),
    (Capability.NOTICE, "Notices"),
)
_HEAD = """\
# Connectors

Made by `python -m connectors.base.table` from what each connector says of itself.

| Column | What it says |
|---|---|
| In | what is there is listed, and new entries are taken in |
| Out | new memories are sent there |
| Edit, Delete | what was sent is changed and taken back there |
| Changes only | a run asks for what changed since the last one, not for everything |
| Notices | the vendor can call an address of the connection when something changed |
"""
_ASSISTANTS = """\
## Assistants without a memory API

What these apps remember can be reached by no API. Their archive can be imported where we can read
it, and some use the vault live, over MCP: see [mcp.md](mcp.md).
"""


def page() -> str:
    """The whole page."""
    found = list(connectors().values())
    parts = [_HEAD, "\n".join(_overview(found)) + "\n", *map(_details, found)]
    return "\n".join([*parts, _ASSISTANTS, "\n".join(_assistants()) + "\n"])


def _overview(found: list[type[Connector]]) -> Iterator[str]:
    yield _row("Connector", "Slug", "In", *(word for _, word in _ABILITIES))
    yield _row(*["---"] * (len(_ABILITIES) + 3))
    for one in found:
        can = ("yes" if ability in one.capabilities else "" for ability, _ in _ABILITIES)
        yield _row(f"[{one.name}](#{_anchor(one.name)})", f"`{one.slug}`", "yes", *can)


def _details(one: type[Connector]) -> str:
    lines = [f"## {one.name}", "", f"[Its documentation]({one.docs_url})", ""]
    lines += [f"* {said}" for said in _facts(one)]
    lines += ["", _row("Setting", "", "What to enter"), _row("---", "---", "---")]
    lines += [
        _row(each.label, _sort(each.is_secret, each.default), each.help)
        for each in settings_of(one.Options)
    ]
    return "\n".join(lines) + "\n"


def _facts(one: type[Connector]) -> Iterator[str]:
    if one.reaches == "machine":
        yield (
            "It opens files or starts programs on the server: whoever runs Satchel has to allow "
            f"it, with `SATCHEL_LOCAL_CONNECTORS={one.slug}`."
        )
    if one.extra:
        yield f"It needs the optional extra `{one.extra}`."
    yield f"Room: {_room(one)}."
    yield f"At most {one.per_minute:,} requests a minute."
    yield from one.quirks


def _room(one: type[Connector]) -> str:
    room, said = one.room, []
    if room.text is not None:
        said.append(f"{room.text:,} characters in one entry")
    if room.entries is not None:
        said.append(f"{room.entries:,} entries")
    if room.kinds is not None:
        said.append("only " + ", ".join(sorted(room.kinds)))
    return "; ".join(said) or "it does not say"


def _sort(is_secret: bool, default: object) -> str:
    needed = "needed" if default is None else "may be left out"
    return f"secret, {needed}" if is_secret else needed


def _assistants() -> Iterator[str]:
    yield _row("Assistant", "Live", "Archive")
    yield _row("---", "---", "---")
    for slug, vendor in sorted(vendors().items()):
        if vendor.without_api:
            read = "can be imported" if slug in archives() else "cannot be read yet"
            yield _row(f"{vendor.name} ({vendor.company})", vendor.without_api, read)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _anchor(heading: str) -> str:
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in "-_ ")
    return kept.replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
