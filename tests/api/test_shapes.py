"""Memories as apps read them: as REST framework would show them, field by field."""

from dataclasses import replace
from datetime import UTC, datetime

from rest_framework import serializers

from api.rest.shapes import MemoryShape, shown
from tests.api.people import Owner

WHEN = datetime(2024, 5, 4, 3, 2, 1, 987, tzinfo=UTC)


def test_memories_are_shown_as_the_framework_shows_them() -> None:
    plain = Owner().remembers("A bidi \u202e mark", kind="fact")
    dated = replace(plain, occurred_at=WHEN, valid_from=WHEN, held="sign", pinned=True)
    bare = replace(plain, sources=())
    for memory in (plain, dated, bare):
        by_framework = serializers.Serializer.to_representation(MemoryShape(), memory)
        assert shown([memory]) == [by_framework]
    assert plain.sources and "\u202e" not in shown([plain])[0]["text"]
    assert shown([dated])[0]["held"] is True
