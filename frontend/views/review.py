"""Review: what waits for the owner's word, one card after the other, each with an undo."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from frontend.presenters import reviewgroups, secondthoughts
from frontend.presenters.reviewcards import Card, PairCard, SuggestionCard, card_of
from frontend.presenters.secondthoughts import Thought
from frontend.presenters.wanted import uuid_of
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import Typed, keeps_typed, take
from frontend.words import reviewing
from frontend.words.numbers import number
from vault import collections
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.reviewing import distilled, pairs, quarantine, review, settling
from vault.reviewing.review import KINDS, Item, Kind, Waiting
from vault.text import LONGEST

MANY = 12
"""With more than so many waiting, the page begins with all of it in groups."""
_MOST = 100_000  # skipped or done, as an address may say
View = Literal["", "cards", "groups"]

_keeps_own_words = keeps_typed(lambda name, **_: name == "text", around=True)
Said = tuple[str, Thought | None]
"""What was done, in words, and what undoes it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which kind is looked at (None: all), how many were skipped, how many are done; one by one, in
    groups, or ("") whichever suits. `of`: only what one app brought, see `reviewgroups.queue`."""

    kind: Kind | None = None
    skip: int = 0
    done: int = 0
    view: View = ""
    of: str = ""

    @classmethod
    def asked(cls, sent: QueryDict) -> "Wanted":
        kind = next((one for one in KINDS if one == sent.get("kind")), None)
        view = sent.get("view", "")
        view = cast(View, view if view in ("cards", "groups") else "")
        of = sent.get("of", "")
        of = of if of == reviewgroups.WORDS or uuid_of(of) else ""
        return cls(kind, _number(sent.get("skip", "")), _number(sent.get("done", "")), view, of)

    def address(self) -> str:
        fields = {"kind": self.kind or "", "skip": self.skip or "", "done": self.done or ""}
        fields |= {"view": self.view, "of": self.of}
        query = urlencode({name: value for name, value in fields.items() if value})
        return reverse("review") + (f"?{query}" if query else "")

    @property
    def moved(self) -> bool:
        """Whether one was on another card before: then the next takes the focus."""
        return bool(self.skip or self.done or self.view == "cards")

    @property
    def skipping(self) -> str:
        return replace(self, skip=self.skip + 1).address()

    @property
    def back(self) -> str:
        """The card before, where one was skipped."""
        return replace(self, skip=self.skip - 1, view="cards").address() if self.skip else ""

    @property
    def again(self) -> str:
        return replace(self, skip=0, view="cards").address()

    def in_groups(self, waiting: Waiting) -> bool:
        if self.kind or self.moved:
            return False
        return self.view == "groups" or waiting.total > MANY


@vault_required
def page(request: VaultRequest) -> HttpResponse:
    access, wanted = request.access, Wanted.asked(request.GET)
    waiting = review.counts(access)
    context = {
        "wanted": wanted,
        "waiting": waiting,
        "tabs": [(kind, Wanted(kind).address(), waiting.of(kind)) for kind in (None, *KINDS)],
        "names": {c.id: c.name for c in collections.listing(access)},
    }
    if waiting.total and wanted.in_groups(waiting):
        context["groups"] = reviewgroups.groups(access, waiting)
        return render(request, "pages/review_groups.html", context)
    queue = _queue(access, wanted)
    card, skip = _card(access, queue, wanted.skip)
    wanted = replace(wanted, skip=skip)
    context |= {
        "wanted": wanted,
        "card": card,
        "own": _own(request, card),
        "place": wanted.done + skip + 1,
        "total": wanted.done + (len(queue) if wanted.of else waiting.of(wanted.kind)),
        "longest": LONGEST,
    }
    return render(request, "pages/review.html", context)


@_keeps_own_words
@vault_required
@require_POST
@sensitive_post_parameters("text")
@sensitive_variables()
def suggestion(request: VaultRequest, suggestion_id: UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    return _decided(request, lambda access, do: _on_suggestion(access, suggestion_id, do, text))


@vault_required
@require_POST
def held(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    return _decided(request, lambda access, do: _on_held(access, memory_id, do))


@_keeps_own_words
@vault_required
@require_POST
@sensitive_post_parameters("text")
@sensitive_variables()
def pair(request: VaultRequest, pair_id: UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    return _decided(request, lambda access, do: _on_pair(access, pair_id, do, text))


def _decided(request: VaultRequest, act: Callable[[Access, str], Said]) -> HttpResponse:
    """Do what the button says, tell it with its undo, and go on to the next card."""
    wanted = Wanted.asked(request.POST)
    try:
        words, thought = act(request.access, request.POST.get("do", ""))
    except (Invalid, NotFound, Refused, Stale) as error:
        messages.error(request, str(error))
        return redirect(replace(wanted, view="cards").address())
    undo_at = secondthoughts.keep(request, thought) if thought else ""
    messages.success(request, words, undo_at)
    return redirect(replace(wanted, done=wanted.done + 1).address())


def _on_suggestion(access: Access, suggestion_id: UUID, do: str, text: str) -> Said:
    if do == "decline":
        letter = review.decline(access, suggestion_id)
        if letter.grant_id == distilled.BY:
            words = gettext("Declined. It is not proposed again.")
        else:
            words = gettext("Declined. The app is not told.")
        return words, Thought(letters=(letter,))
    if do not in ("accept", "reword"):
        raise Invalid(gettext("Choose one of the buttons."), "do")
    own = _own_words(text) if do == "reword" else None
    _, letter = review.accept(access, suggestion_id, text=own)
    return str(reviewing.ACCEPTED[letter.action]), Thought(letters=(letter,))


def _on_held(access: Access, memory_id: UUID, do: str) -> Said:
    if do == "forget":
        act = quarantine.forget(access, [memory_id])
        return gettext("Forgotten. Nobody but you ever saw it."), Thought(act=act.id)
    if do == "release":
        act = quarantine.release(access, [memory_id])
        words = gettext("Let in: it is as good as your own words now.")
        return words, Thought(act=act.id)
    found = quarantine.listing(access, ids=[memory_id]) if do == "trust" else []
    grant_id = found[0].grant_id if found else None
    if grant_id is None:
        raise Invalid(gettext("Choose one of the buttons."), "do")
    return trusted(access, grant_id)


def trusted(access: Access, grant_id: UUID) -> Said:
    """Let in what waits of an app only because it is new."""
    act = quarantine.release_source(access, grant_id)
    words = ngettext(
        "Let in %(count)s memory. What this app brings from now on goes in at once.",
        "Let in %(count)s memories. What this app brings from now on goes in at once.",
        act.total,
    )
    return words % {"count": number(act.total)}, Thought(act=act.id)


def _on_pair(access: Access, pair_id: UUID, do: str, text: str) -> Said:
    verb, _, chosen = do.partition(":")
    said = reviewing.ON_PAIR.get(verb)
    if said is None:
        raise Invalid(gettext("Choose one of the buttons."), "do")
    if verb == "dismiss":
        settling.dismiss(access, pair_id)
    elif verb == "own":
        keep = pairs.get(access, pair_id).keep
        settling.keep(access, pair_id, keep, text=_own_words(text))
    else:
        _ON_ONE[verb](access, pair_id, _one_of_two(chosen))
    return str(said), Thought(pair=pair_id)


_ON_ONE: dict[str, Callable[[Access, UUID, UUID], object]] = {
    "keep": settling.keep,
    "holds": settling.holds,
    "forget": settling.forget,
}


def _one_of_two(chosen: str) -> UUID:
    try:
        return UUID(chosen)
    except ValueError:
        raise Invalid(gettext("Choose one of the two."), "do") from None


def _own_words(text: str) -> str:
    own = text.replace("\r\n", "\n").strip()
    if not own:
        raise Invalid(gettext("Write what should be remembered."), "text")
    return own


def _queue(access: Access, wanted: Wanted) -> list[Item]:
    if wanted.of:
        return reviewgroups.queue(access, wanted.kind, wanted.of)
    return review.queue(access, wanted.kind)


def _card(access: Access, queue: list[Item], skip: int) -> tuple[Card | None, int]:
    """The card at this place, or the next that is still there; and its place."""
    for place in range(skip, min(len(queue), skip + pairs.PORTION)):
        try:
            return card_of(access, queue[place]), place
        except NotFound:
            continue  # it was decided on in another window, a moment ago
    return None, min(skip, len(queue))


def _own(request: VaultRequest, card: Card | None) -> str:
    """The owner's words on this card that were put aside, if any."""
    kept: Typed | None = None
    if isinstance(card, SuggestionCard):
        kept = take(request, reverse("review-suggestion", args=[card.suggestion.id]))
    elif isinstance(card, PairCard):
        kept = take(request, reverse("review-pair", args=[card.pair.id]))
    return kept.fields.get("text", "") if kept else ""


def _number(words: str) -> int:
    return min(int(words), _MOST) if words.isascii() and words.isdigit() and len(words) < 9 else 0
