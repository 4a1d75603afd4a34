"""Review in groups: one word on all that is alike, in steps where it is much; and every undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from frontend.presenters import reviewgroups, secondthoughts
from frontend.presenters.secondthoughts import LARGEST, Left, Thought
from frontend.signin.gate import VaultRequest, vault_required
from frontend.views.review import Said, Wanted, trusted
from frontend.words import reviewing
from frontend.words.numbers import number
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.reviewing import quarantine, review, settling_many
from vault.reviewing.review import Letter
from vault.reviewing.settling_many import Batch
from vault.types import Suggestion

AT_ONCE = 40
"""Suggestions that one click decides on: what undoes them is kept in the session."""
_SECONDS = 1.5
Verb = Literal["suggested", "both", "undo"]
PairKind = Literal["duplicate", "disagreement"]


@dataclass(frozen=True, slots=True)
class Going:
    """A word on many pairs that is being said, or taken back: how far, and where it goes on."""

    kind: PairKind
    do: Verb
    at: datetime
    after: UUID | None = None
    batch: Batch | None = None

    @classmethod
    def of(cls, sent: QueryDict) -> "Going":
        """What a form asks for. Invalid for what no form of ours says."""
        kind, do = sent.get("group", ""), sent.get("do", "")
        began, last = sent.get("at", ""), sent.get("after", "")
        if kind not in ("duplicate", "disagreement") or do not in ("suggested", "both", "undo"):
            raise Invalid(gettext("Choose one of the buttons."), "do")
        try:
            at = datetime.fromisoformat(began) if began else timezone.now()
            if timezone.is_naive(at):
                raise ValueError
            at = at.astimezone(UTC)  # of zones, the database takes some only
            after = UUID(last) if last else None
        except (ValueError, OverflowError):
            raise Invalid(gettext("Choose one of the buttons."), "do") from None
        return cls(cast(PairKind, kind), cast(Verb, do), at, after)

    @property
    def total(self) -> int:
        return self.batch.done + self.batch.left if self.batch and self.do != "undo" else 0

    @property
    def over(self) -> bool:
        return self.batch is not None and not self.batch.left


@vault_required
@require_POST
def many(request: VaultRequest) -> HttpResponse:
    """What a button of a group says."""
    group, _, grant = request.POST.get("group", "").partition(":")
    try:
        if group not in ("suggestion", "held"):
            return _go_on(request, Going.of(request.POST))
        grant_id = _grant(grant)
        decide = _on_suggestions if group == "suggestion" else _on_held
        words, thought = decide(request.access, grant_id, request.POST.get("do", ""))
    except (Invalid, NotFound, Refused, Stale) as error:
        messages.error(request, str(error))
        return redirect("review")
    undo_at = secondthoughts.keep(request, thought) if thought else ""
    messages.success(request, words, undo_at)
    return redirect("review")


@vault_required
@require_POST
def undo(request: VaultRequest, token: str) -> HttpResponse:
    """Take back what was done last, or before: a card comes again, a batch goes back in steps."""
    wanted = Wanted.asked(QueryDict(request.headers.get("Referer", "").partition("?")[2]))
    thought = secondthoughts.take(request, token)
    if thought is None:
        words = gettext("That was too long ago to be undone here. Look at the memory.")
        messages.error(request, words)
        return redirect(wanted.address())
    if thought.batch is not None:
        return _go_on(request, Going("duplicate", "undo", thought.batch))
    try:
        left = secondthoughts.undo(request.access, thought)
    except (Invalid, NotFound, Refused, Stale) as error:
        messages.error(request, str(error))
        return redirect(wanted.address())
    if len(thought.letters) > 1:
        _tell(request, left, len(thought.letters) - len(left))
        return redirect("review")
    messages.success(request, gettext("Undone. It waits again."))
    return redirect(replace(wanted, done=max(0, wanted.done - 1), view="cards").address())


def _tell(request: VaultRequest, left: Sequence[Left], back: int) -> None:
    """What of a group waits again; of the rest, which it is and why."""
    words = ngettext("Undone: %(count)s waits again.", "Undone: %(count)s wait again.", back)
    if back:
        messages.success(request, words % {"count": number(back)})
    for said in reviewing.left(left):
        messages.error(request, said)


def _go_on(request: VaultRequest, going: Going) -> HttpResponse:
    """The next step; how far it is, or the end with its undo."""
    access = request.access
    if going.do == "undo":
        batch = settling_many.reopen(access, going.at, seconds=_SECONDS)
    else:
        batch = settling_many.settle(
            access, going.kind, going.do, going.at, after=going.after, seconds=_SECONDS
        )
    going = replace(going, batch=batch, after=batch.after)
    if not going.over:
        part = "#progress" if request.htmx else ""
        return render(request, f"pages/review_many.html{part}", {"going": going})
    undo_at = ""
    if going.do != "undo" and batch.done:
        undo_at = secondthoughts.keep(request, Thought(batch=going.at))
    messages.success(request, _told(going, batch.done), undo_at)
    then = reverse("review")
    return HttpResponseClientRedirect(then) if request.htmx else redirect(then)


def _told(going: Going, count: int) -> str:
    if going.do == "undo":
        return gettext("Undone. They wait again.")
    if not count:
        return gettext("Nothing was left to decide: another window was faster.")
    if going.do == "both":
        words = ngettext(
            "Kept both of %(count)s pair. You will not be asked about it again.",
            "Kept both of %(count)s pairs. You will not be asked about them again.",
            count,
        )
    elif going.kind == "duplicate":
        words = ngettext(
            "Merged %(count)s pair. What was forgotten can be restored for 30 days.",
            "Merged %(count)s pairs. What was forgotten can be restored for 30 days.",
            count,
        )
    else:
        words = ngettext(
            "Of %(count)s pair the newer one holds now. The other is kept as past.",
            "Of %(count)s pairs the newer one holds now. The others are kept as past.",
            count,
        )
    return words % {"count": number(count)}


def _grant(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(gettext("Choose one of the buttons."), "do") from None


def _on_suggestions(access: Access, grant_id: UUID | None, do: str) -> Said:
    """Accept or decline what an app suggests: so many of it as can be undone."""
    group = next((one for one in reviewgroups.suggested(access) if one.grant_id == grant_id), None)
    if group is None:
        raise NotFound(gettext("None of these wait any more."))
    if do == "accept":
        letters = _letters(access, group.plain, accept=True)
        words = ngettext("Accepted %(count)s.", "Accepted %(count)s.", len(letters))
    elif do == "decline":
        letters = _letters(access, group.all, accept=False)
        words = ngettext("Declined %(count)s.", "Declined %(count)s.", len(letters))
    else:
        raise Invalid(gettext("Choose one of the buttons."), "do")
    return words % {"count": number(len(letters))}, Thought(letters=tuple(letters))


def _letters(access: Access, chosen: Sequence[Suggestion], *, accept: bool) -> list[Letter]:
    """What was decided on. One that another window was faster with is passed over."""
    letters: list[Letter] = []
    kept = 0
    for one in chosen[:AT_ONCE]:
        try:
            letter = review.accept(access, one.id)[1] if accept else review.decline(access, one.id)
        except (Invalid, NotFound, Refused, Stale):
            continue  # it stays, to be looked at by itself
        letters.append(letter)
        kept += secondthoughts.weight(letter)
        if kept > LARGEST / 2:
            break
    if not letters:
        raise NotFound(gettext("None of these could be decided on together. Look at each."))
    return letters


def _on_held(access: Access, grant_id: UUID | None, do: str) -> Said:
    if do == "trust" and grant_id is not None:
        return trusted(access, grant_id)
    if do != "forget":
        raise Invalid(gettext("Choose one of the buttons."), "do")
    ids = reviewgroups.held_ids(access, grant_id)
    if not ids:
        raise NotFound(gettext("None of these wait any more."))
    act = quarantine.forget(access, ids)
    words = ngettext(
        "Forgot %(count)s. Nobody but you ever saw it.",
        "Forgot %(count)s. Nobody but you ever saw them.",
        act.changed,
    )
    return words % {"count": number(act.changed)}, Thought(act=act.id)
