"""Counts as people write them: thousands apart, in the reader's language."""

from django.utils.formats import number_format


def number(value: int) -> str:
    """As in "1,234", "1.234" or "1 234"."""
    return number_format(value, force_grouping=True)
