"""Fields of a connector's `Options`: the connect form, the docs and redaction come from them.

@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="Create one under Settings, API keys.")
    user_id: str = setting("User id", default="me")
    base_url: str = address("API address", default="https://api.example.com")
"""

from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from connectors.base.errors import Misconfigured

T = TypeVar("T")
Widget = Literal["line", "long", "address", "choice", "switch", "number", "secret"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field as a form shows it. `default` is None where the person must say something."""

    name: str
    label: str
    help: str
    widget: Widget
    default: str | int | bool | None
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_secret(self) -> bool:
        return self.widget == "secret"


def setting(
    label: str,
    *,
    default: Any = MISSING,
    help: str = "",
    choices: tuple[tuple[str, str], ...] = (),
    long: bool = False,
) -> Any:
    """Something everybody may see. A bool makes a switch, an int a number, `choices` are
    (value, label) pairs; without a default it must be given."""
    widget: Widget = "choice" if choices else "long" if long else "line"
    if not choices and isinstance(default, bool):
        widget = "switch"
    elif not choices and isinstance(default, int):
        widget = "number"
    return _field(label, default, help, widget, choices)


def address(label: str, *, default: Any = MISSING, help: str = "") -> Any:
    """The address of a service: http or https, with a host and without a password in it."""
    return _field(label, default, help, "address", ())


def secret(label: str, *, default: Any = MISSING, help: str = "") -> Any:
    """Something only this connection may know: kept sealed, never shown again, not in `repr`."""
    return _field(label, default, help, "secret", ())


def settings_of(options: type) -> list[Setting]:
    """The fields of an `Options` class, in order."""
    return [_setting(each) for each in fields(options)]


def filled(options: type[T], given: dict[str, Any]) -> T:
    """An `Options` from what a form or a record gives. Misconfigured names the field that is
    missing, unknown or of the wrong kind; it never repeats what was given."""
    known = {one.name: one for one in settings_of(options)}
    for name in given:
        if name not in known:
            raise Misconfigured("This setting does not exist.", name)
    values = {name: _value(one, given.get(name)) for name, one in known.items()}
    return options(**values)


def _field(
    label: str, default: Any, help: str, widget: Widget, choices: tuple[tuple[str, str], ...]
) -> Any:
    said = {"label": label, "help": help, "widget": widget, "choices": choices}
    return field(default=default, repr=widget != "secret", metadata=said)


def _setting(each: Field[Any]) -> Setting:
    said, default = each.metadata, each.default
    known = None if default is MISSING else default
    return Setting(each.name, said["label"], said["help"], said["widget"], known, said["choices"])


def _value(one: Setting, given: Any) -> Any:
    if given is None or (given == "" and one.default is not None):
        if one.default is None:
            raise Misconfigured(f"{one.label} is missing.", one.name)
        return one.default
    wanted = {"switch": bool, "number": int}.get(one.widget, str)
    if type(given) is not wanted:
        raise Misconfigured(f"{one.label} is not of the right kind.", one.name)
    if one.default is None and given == "":
        raise Misconfigured(f"{one.label} is missing.", one.name)
    if one.choices and given not in {value for value, _ in one.choices}:
        raise Misconfigured(f"{one.label} is none of the choices.", one.name)
    if one.widget == "address" and isinstance(given, str) and given:
        _must_be_address(one, given)
    return given


def _must_be_address(one: Setting, given: str) -> None:
    try:
        parts = urlsplit(given)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.username or parts.password or parts.fragment or parts.query:
        raise Misconfigured(
            f"{one.label} is an address like https://example.com, without a password in it.",
            one.name,
        )
