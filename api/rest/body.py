"""What callers may send: exactly these fields, of exactly these types."""

from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from vault.text import unhidden
from vault.types import KINDS

LONGEST_QUERY = 4_000
MOST_MESSAGES = 100
MOST_RESULTS = 100
_SHOWN = 80


class Text(serializers.CharField):
    """A JSON string; a number is not taken for one. No NUL, no half surrogate."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Number(serializers.IntegerField):
    """A JSON integer; neither a string nor `true` is taken for one."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`; neither "yes" nor 1."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=type(data).__name__)
        return data


class Choice(serializers.ChoiceField):
    """One of the words; the error names them rather than what was sent."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(f"Send one of: {', '.join(self.choices)}.")
        return data


class Id(serializers.UUIDField):
    """A UUID, as a string."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=type(data).__name__)
        return UUID(str(super().to_internal_value(data)))


class Moment(serializers.DateTimeField):
    """A time in ISO 8601; UTC unless it says otherwise. Far off ones do not fit a database."""

    def to_internal_value(self, data: Any) -> datetime:
        moment: datetime = super().to_internal_value(data)
        if not 1000 <= moment.year <= 3000:
            raise serializers.ValidationError("Send a time between the years 1000 and 3000.")
        return moment


@extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/KindEnum"}})
class Kinds(serializers.ListField):
    """Kinds of memory."""

    child = Choice(KINDS)


class Body(serializers.Serializer[Any]):
    """A JSON object. A field that is not listed is an error, never silently dropped: a misspelt
    filter must not widen what is found."""

    least = 0
    """How many fields there must be."""
    default_error_messages = {"invalid": "Send a JSON object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {unhidden(name)[:_SHOWN]: ["There is no such field."] for name in unknown[:10]}
            )
        return dict(super().to_internal_value(data))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) < self.least:
            raise serializers.ValidationError("Send at least one field to change.")
        return attrs


class Filters(Body):
    """Narrowing by kind and collection. Left out means all; an empty list means none."""

    kinds = Kinds(max_length=len(KINDS), required=False)
    collections = serializers.ListField(child=Id(), max_length=200, required=False)

    def validate_collections(self, value: list[Any]) -> frozenset[Any]:
        return frozenset(value)


def read(request: Request, body: type[Body]) -> dict[str, Any]:
    """The checked body of this request. ValidationError names each wrong field."""
    form = body(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def read_query(request: Request, body: type[Body]) -> dict[str, Any]:
    """The checked query string: lists are written with commas, and nothing may come twice."""
    sent = request.query_params
    twice = [name for name, values in sent.lists() if len(values) > 1]
    if twice:
        raise serializers.ValidationError({name[:_SHOWN]: ["Send it once."] for name in twice[:10]})
    form = body(data={name: _typed(body, name, str(value)) for name, value in sent.items()})
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _typed(body: type[Body], name: str, value: str) -> Any:
    field = body._declared_fields.get(name)
    if isinstance(field, serializers.ListField):
        return [part for part in value.split(",") if part]
    if isinstance(field, Number) and value.isascii() and value.isdigit():
        return int(value[:18])
    return value
