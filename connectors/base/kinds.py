"""Kinds of memory, as a stranger may have written them."""

from typing import get_args

from connectors.base.types import Kind

KINDS: frozenset[Kind] = frozenset(get_args(Kind))


def kind_of(value: object, otherwise: Kind = "fact") -> Kind:
    """`value` if it is one of our kinds, else `otherwise`."""
    return next((kind for kind in KINDS if kind == value), otherwise)
