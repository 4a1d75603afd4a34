"""What templates need beyond Django: icons, source marks, plain text, relative times, charts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from frontend.presenters import excerpts
from frontend.presenters.excerpts import Piece
from frontend.words import ACTIONS, HELD_REASONS, KEEPER_REASONS, KIND_NAMES, REVIEW_NAMES, stored
from frontend.words.levels import Level, level_of
from frontend.words.numbers import number
from frontend.words.sources import Look, look_of, stylesheet_version
from frontend.words.times import ago, exact, until
from vault.reviewing import review
from vault.text import clean
from vault.types import Memory, Right

register = template.Library()

THEMES = ("light", "dark")
_NO_ID = UUID(int=0)


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """A drawing beside words. It has no name of its own: the words beside it do."""
    return render_to_string("parts/icon.html", {"name": name})


@register.simple_tag
def mark(slug: str) -> SafeString:
    """The colour, shape and two letters of a source."""
    look = look_of(slug)
    return _mark(look.slug, str(look.name))


@lru_cache(maxsize=256)
def _mark(slug: str, name: str) -> SafeString:
    """Drawn once for all the lines that show it; in each language, ours has a name of its own."""
    return render_to_string("parts/mark.html", {"look": look_of(slug), "name": name})


@register.simple_tag
def look(slug: str) -> Look:
    return look_of(slug)


@register.inclusion_tag("parts/level.html")
def level(right: Right | None) -> dict[str, Level]:
    """What a grantee may do with one collection, in a word and a colour."""
    return {"level": level_of(right or Right())}


@register.inclusion_tag("forms/field.html")
def field(bound: BoundField, help: str = "", label: str = "", **attrs: str) -> dict[str, Any]:
    """A form's field with its label, help (other words for both than the form's own) and errors."""
    bound.help_text, bound.label = help or bound.help_text, label or bound.label
    bound.field.widget.attrs.pop("placeholder", None)  # allauth repeats the label there
    bound.field.widget.attrs.update({k.replace("_", "-"): v for k, v in attrs.items()})
    return {"field": bound, "secret": bound.widget_type == "password"}


@register.filter
def shown(text: str) -> str:
    """Untrusted words as they may appear: nothing invisible in them. Escaping is the template's."""
    return clean(text)


@register.filter
def account_name(account: str) -> str:
    """Whose account at a vendor, as `shown`; "" where its export names it by a mere number."""
    try:
        UUID(account)
    except ValueError:
        return clean(account)
    return ""


@register.filter
def beginning(text: str, length: int) -> str:
    """The first characters of untrusted words, as `shown`. Of long ones no more is looked at."""
    words = clean(text[: 2 * length])
    is_all = len(text) <= 2 * length and len(words) <= length
    return words if is_all else words[: length - 1] + "…"


@register.filter
def said(sentence: object) -> str:
    """Words that Python says in English, in the reader's language; as they are where nothing
    translates them."""
    return stored.told(str(sentence) if sentence else "")


@register.filter
def kind_name(kind: str) -> str:
    return str(KIND_NAMES.get(kind, kind.capitalize()))


@register.filter
def action_name(action: str) -> str:
    return str(ACTIONS.get(action, action))


@register.filter
def review_name(kind: str | None) -> str:
    return str(REVIEW_NAMES[kind or ""])


@register.filter
def held_reason(code: str) -> str:
    return str(HELD_REASONS.get(code, gettext("Something in it is suspect.")))


@register.filter
def keeper_reason(code: str) -> str:
    return str(KEEPER_REASONS[code])


@register.filter
def item(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value under a key, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def source_of(memory: Memory) -> str:
    """The slug of where a memory was first seen; the owner's own hand when it says nothing."""
    return memory.sources[0].vendor if memory.sources else "you"


@register.filter
def address(memory: Memory) -> str:
    """Of its page. Lists ask this of each line, and to work it out each time takes a while."""
    before, after = _around_id(get_script_prefix())
    return f"{before}{memory.id}{after}"


@lru_cache(maxsize=8)
def _around_id(prefix: str) -> tuple[str, str]:
    before, _, after = reverse("memory", args=[_NO_ID]).partition(str(_NO_ID))
    return before, after


@register.filter
def collection_name(collection_id: UUID, names: Mapping[UUID, str]) -> str:
    return names.get(collection_id) or gettext("a collection you removed")


register.filter("ago", ago)
register.filter("until", until)
register.filter("number", number)


@register.simple_tag
def when(moment: datetime | None, future: bool = False) -> SafeString | str:
    """A relative time with the exact one as its hint; the script puts that in the local clock."""
    if moment is None:
        return ago(None)
    words = until(moment) if future else ago(moment)
    form = '<time datetime="{}" title="{}">{}</time>'
    return format_html(form, moment.isoformat(), exact(moment), words)


@register.inclusion_tag("parts/bars.html")
def bars(days: Sequence[tuple[datetime, int]], label: str) -> dict[str, Any]:
    """One bar a day, drawn here: no script, no inline style."""
    top = max([count for _, count in days] + [1])
    columns = []
    for place, (day, count) in enumerate(days):
        height = round(56 * count / top, 1) if count else 1
        column = {"x": place * 10, "y": 60 - height, "height": height}
        columns.append(column | {"n": count, "day": day})
    return {"columns": columns, "width": len(days) * 10, "label": label}


@register.inclusion_tag("parts/split.html")
def split(parts: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """A bar cut into sources, in the order given."""
    total, left, pieces = sum(n for _, n in parts) or 1, 0.0, []
    for slug, count in parts:
        width = 1000 * count / total
        x = min(left, 998.0)  # a sliver of 2 is the least that can be seen
        pieces.append({"slug": slug, "x": round(x, 2), "width": round(max(width - 3, 2), 2)})
        left += width
    return {"pieces": pieces}


@register.simple_tag(takes_context=True)
def waiting(context: Mapping[str, Any]) -> int:
    """How much waits for the owner's word; 0 while the vault is locked. A page that has counted it
    says so in `waiting_count`."""
    if "waiting_count" in context:
        return int(context["waiting_count"])
    access = getattr(context.get("request"), "access", None)
    return review.counts(access).total if access is not None else 0


@register.simple_tag(takes_context=True)
def theme(context: Mapping[str, Any]) -> str:
    """The theme chosen on this device; "" follows the system."""
    request: HttpRequest | None = context.get("request")
    chosen = request.COOKIES.get("satchel_theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag(takes_context=True)
def keys_off(context: Mapping[str, Any]) -> bool:
    """Whether keyboard shortcuts are switched off on this device."""
    request: HttpRequest | None = context.get("request")
    return request is not None and request.COOKIES.get("satchel_keys") == "off"


@register.inclusion_tag("parts/nav_item.html", takes_context=True)
def nav_item(
    context: Mapping[str, Any], name: str, icon_name: str, words: str, count: int = 0, key: str = ""
) -> dict[str, Any]:
    """A link of the shell; the one that leads to this page or a page under it is marked."""
    request: HttpRequest | None = context.get("request")
    url, path = reverse(name), request.path if request else ""
    here = path == url or (name != "home" and path.startswith(url))
    item = {"url": url, "icon_name": icon_name, "words": words, "count": count, "key": key}
    return item | {"here": here}


@register.filter
def excerpt(text: str, query: str) -> list[Piece]:
    """The part of a text that a search is about, its words told apart for marking."""
    return excerpts.pieces(clean(text), query)


@register.simple_tag
def sources_css() -> str:
    """The address of the sources' colours; it changes when they do, so it may be kept for long."""
    return f"{reverse('sources-css')}?v={stylesheet_version()}"
