"""What the frame around every page needs: where `g` and a letter lead."""

from django import template

from frontend.presenters.palette import pages
from frontend.words.places import Place

register = template.Library()


@register.simple_tag
def going() -> list[Place]:
    """The pages that have a key of their own, in the order of the side bar."""
    return [place for place in pages() if place.key]
