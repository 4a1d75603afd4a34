"""Facts about a vendor: what people call it, how it looks in lists, where its docs are."""

from dataclasses import dataclass
from typing import Literal

Group = Literal["assistant", "service", "agent", "format", "files"]
"""What a vendor is to people: an assistant they talk to, a service that keeps memories, an agent
that works in files, a form that several programs write, or their own files."""
Shape = Literal["circle", "square", "triangle", "diamond", "cross", "ring", "bar"]


@dataclass(frozen=True, slots=True)
class Vendor:
    """What `connectors/<slug>/__init__.py` says as VENDOR. `light` and `dark` are the ink of its
    mark on the two themes; `export_steps` is how a person gets the export, one step a sentence."""

    slug: str
    name: str
    company: str
    docs_url: str
    code: str
    light: str
    dark: str
    shape: Shape
    export_steps: tuple[str, ...] = ()
    group: Group = "assistant"
    without_api: str = ""
    """Of an assistant whose memory can be reached by no API: a sentence on what it does live."""
