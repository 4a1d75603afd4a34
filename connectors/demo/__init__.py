"""The exports of a person who does not exist, to show and to try the whole thing with."""

from connectors.demo.exports import demo_exports

__all__ = ["demo_exports"]
