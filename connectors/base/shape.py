"""Takes typed values out of vendor JSON. Absent is fine where said so; the wrong type never is."""

from typing import Any

from connectors.base.errors import ItemError

Json = dict[str, Any]


def an_object(value: object, what: str) -> Json:
    """`value` as an object; ItemError names `what` was expected."""
    if not isinstance(value, dict):
        raise ItemError(f"The {what} is not in a form that is known.")
    return value


def an_object_in(holder: Json, key: str) -> Json:
    """The object under `key`, {} when absent or null."""
    value = holder.get(key)
    return {} if value is None else an_object(value, f'part "{key}"')


def a_list_in(holder: Json, key: str) -> list[Any]:
    """The list under `key`, [] when absent or null."""
    value = holder.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ItemError(f'The part "{key}" is not in a form that is known.')
    return value


def text_in(holder: Json, key: str) -> str:
    """The text under `key`, "" when absent or null."""
    value = holder.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ItemError(f'The part "{key}" is not text.')
    return value


def name_in(holder: Json, *keys: str) -> str:
    """The first of `keys` that holds a name: text, or a number as text; "" if none does."""
    for key in keys:
        value = holder.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""
