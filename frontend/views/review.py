"""Review: what waits for the owner's word, one card after the other, each with an undo."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.presenters import secondthoughts
from frontend.presenters.reviewcards import Card, card_of
from frontend.presenters.secondthoughts import Thought
from frontend.signin.gate import VaultRequest, vault_required
from vault import collections, distilled, pairs, quarantine, review, settling
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.review import KINDS, Item, Kind

_MOST = 100_000  # skipped or done, as an address may say

Said = tuple[str, Thought | None]
"""What was done, in words, and what undoes it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which kind is looked at (None: all), how many were skipped, how many are done."""

    kind: Kind | None = None
    skip: int = 0
    done: int = 0

    @classmethod
    def of(cls, sent: QueryDict) -> "Wanted":
        kind = next((one for one in KINDS if one == sent.get("kind")), None)
        return cls(kind, _number(sent.get("skip", "")), _number(sent.get("done", "")))

    def address(self) -> str:
        fields = {"kind": self.kind or "", "skip": self.skip or "", "done": self.done or ""}
        query = urlencode({name: value for name, value in fields.items() if value})
        return reverse("review") + (f"?{query}" if query else "")

    @property
    def skipping(self) -> str:
        return replace(self, skip=self.skip + 1).address()

    @property
    def again(self) -> str:
        return replace(self, skip=0).address()


@vault_required
def page(request: VaultRequest) -> HttpResponse:
    access, wanted = request.access, Wanted.of(request.GET)
    waiting = review.counts(access)
    card, skip = _card(access, review.queue(access, wanted.kind), wanted.skip)
    wanted = replace(wanted, skip=skip)
    context = {
        "wanted": wanted,
        "waiting": waiting,
        "tabs": [(kind, Wanted(kind).address(), waiting.of(kind)) for kind in (None, *KINDS)],
        "card": card,
        "place": wanted.done + skip + 1,
        "total": wanted.done + waiting.of(wanted.kind),
        "names": {c.id: c.name for c in collections.listing(access)},
    }
    return render(request, "pages/review.html", context)


@vault_required
@require_POST
def suggestion(request: VaultRequest, suggestion_id: UUID) -> HttpResponse:
    return _decided(request, lambda access, do: _on_suggestion(access, suggestion_id, do))


@vault_required
@require_POST
def held(request: VaultRequest, memory_id: UUID) -> HttpResponse:
    return _decided(request, lambda access, do: _on_held(access, memory_id, do))


@vault_required
@require_POST
def pair(request: VaultRequest, pair_id: UUID) -> HttpResponse:
    return _decided(request, lambda access, do: _on_pair(access, pair_id, do))


@vault_required
@require_POST
def undo(request: VaultRequest, token: str) -> HttpResponse:
    wanted = Wanted.of(QueryDict(request.headers.get("Referer", "").partition("?")[2]))
    thought = secondthoughts.take(request, token)
    if thought is None:
        messages.error(request, "That was too long ago to be undone here. Look at the memory.")
        return redirect(wanted.address())
    try:
        secondthoughts.undo(request.access, thought)
    except (Invalid, NotFound, Refused, Stale) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Undone. It waits again.")
    return redirect(replace(wanted, done=max(0, wanted.done - 1)).address())


def _decided(request: VaultRequest, act: Callable[[Access, str], Said]) -> HttpResponse:
    """Do what the button says, tell it with its undo, and go on to the next card."""
    wanted = Wanted.of(request.POST)
    try:
        words, thought = act(request.access, request.POST.get("do", ""))
    except (Invalid, NotFound, Stale) as error:
        messages.error(request, str(error))
        return redirect(wanted.address())
    undo_at = secondthoughts.keep(request, thought) if thought else ""
    messages.success(request, words, undo_at)
    return redirect(replace(wanted, done=wanted.done + 1).address())


def _on_suggestion(access: Access, suggestion_id: UUID, do: str) -> Said:
    if do == "decline":
        letter = review.decline(access, suggestion_id)
        by_us = letter.grant_id == distilled.BY
        told = "It is not proposed again." if by_us else "The app is not told."
        return f"Declined. {told}", Thought(letter=letter)
    if do != "accept":
        raise Invalid("Choose one of the buttons.", "do")
    _, letter = review.accept(access, suggestion_id)
    words = {"remember": "Remembered.", "forget": "Forgotten.", "revise": "Changed."}
    return words[letter.action], Thought(letter=letter)


def _on_held(access: Access, memory_id: UUID, do: str) -> Said:
    if do == "forget":
        act = quarantine.forget(access, [memory_id])
        return "Forgotten. Nobody but you ever saw it.", Thought(act=act.id)
    if do == "release":
        act = quarantine.release(access, [memory_id])
        return "Let in: it is as good as your own words now.", Thought(act=act.id)
    grant_id = quarantine.listing(access, ids=[memory_id])[0].grant_id if do == "trust" else None
    if grant_id is None:
        raise Invalid("Choose one of the buttons.", "do")
    act = quarantine.release_source(access, grant_id)
    return f"Let in {act.total:,}. What it brings now goes in at once.", Thought(act=act.id)


def _on_pair(access: Access, pair_id: UUID, do: str) -> Said:
    verb, _, chosen = do.partition(":")
    if verb == "dismiss":
        settling.dismiss(access, pair_id)
        return "Both stay. You will not be asked about them again.", Thought(pair=pair_id)
    if verb not in _ON_ONE:
        raise Invalid("Choose one of the buttons.", "do")
    settle, words = _ON_ONE[verb]
    try:
        memory_id = UUID(chosen)
    except ValueError:
        raise Invalid("Choose one of the two.", "do") from None
    settle(access, pair_id, memory_id)
    return words, Thought(pair=pair_id)


_ON_ONE: dict[str, tuple[Callable[[Access, UUID, UUID], object], str]] = {
    "keep": (settling.keep, "Kept one, with the sources of both. The other is forgotten."),
    "holds": (settling.holds, "The other is dated: it was true until then."),
    "forget": (settling.forget, "Forgotten. The other stays."),
}


def _card(access: Access, queue: list[Item], skip: int) -> tuple[Card | None, int]:
    """The card at this place, or the next that is still there; and its place."""
    for place in range(skip, min(len(queue), skip + pairs.PORTION)):
        try:
            return card_of(access, queue[place]), place
        except NotFound:
            continue  # it was decided on in another window, a moment ago
    return None, min(skip, len(queue))


def _number(words: str) -> int:
    return min(int(words), _MOST) if words.isascii() and words.isdigit() and len(words) < 9 else 0
