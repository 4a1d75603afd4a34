"""Sorting: the owner's rules, tried out and put in order; and a collection for new words."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from frontend.forms.sorting import RuleForm, described
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import fields_of, hand_back, keeps_typed
from vault import collections, rules
from vault.errors import Invalid, NotFound, Stale, Tampered
from vault.reviewing import misplaced
from vault.rules import Before
from vault.sorting.rules import Rule
from vault.text import LONGEST

_UNDO = "rule_undo"


@dataclass(frozen=True, slots=True)
class Line:
    """A rule, and what it asks for in words."""

    rule: Rule
    words: str


@vault_required
def sorting(request: VaultRequest) -> HttpResponse:
    """The rules in their order, and the collections that can be sorted."""
    listed = collections.listing(request.access)
    context = {
        "lines": [_line(rule) for rule in rules.listing(request.access)],
        "collections": listed,
        "names": {c.id: c.name for c in listed},
    }
    return render(request, "pages/sorting.html", context)


@keeps_typed(fields_of(RuleForm))
@vault_required
def new(request: VaultRequest) -> HttpResponse:
    listed = collections.listing(request.access)
    form = RuleForm(request.POST or None, collections=listed)
    hand_back(request, form)
    return _form_page(request, form, None)


@keeps_typed(fields_of(RuleForm))
@vault_required
def rule(request: VaultRequest, rule_id: UUID) -> HttpResponse:
    now = rules.get(request.access, rule_id)
    form = RuleForm(
        request.POST or None,
        collections=collections.listing(request.access),
        initial=RuleForm.initial_for(now.condition, now.collection_id),
    )
    hand_back(request, form)
    return _form_page(request, form, now)


@vault_required
@require_POST
def delete(request: VaultRequest, rule_id: UUID) -> HttpResponse:
    undo_at = _kept(request, rules.delete(request.access, rule_id))
    words = gettext("The rule is gone. What it sorted stays where it is.")
    messages.success(request, words, undo_at)
    return redirect("sorting")


@vault_required
@require_POST
def undo(request: VaultRequest) -> HttpResponse:
    """The rule that was changed or deleted last is what it was."""
    kept = request.session.pop(_UNDO, None)
    try:
        if kept is None:
            raise NotFound(gettext("There is nothing to undo."))
        rules.put_back(request.access, Before.from_json(kept))
    except (NotFound, Stale, Tampered):
        messages.error(request, gettext("That cannot be undone any more. Make the rule anew."))
    else:
        messages.success(request, gettext("The rule is as it was."))
    return redirect("sorting")


@vault_required
@require_POST
def shift(request: VaultRequest, rule_id: UUID) -> HttpResponse:
    rules.shift(request.access, rule_id, up=request.POST.get("to") == "up")
    return redirect("sorting")


@vault_required
@require_POST
def suggest(request: VaultRequest) -> HttpResponse:
    """A collection for words that are being written. They come in the body: addresses are kept."""
    text = request.POST.get("text", "")[:LONGEST].strip()
    found = misplaced.suggest(request.access, text) if text else None
    names = {c.id: c.name for c in collections.listing(request.access)}
    return render(request, "parts/suggested.html", {"found": found, "names": names})


def _line(rule: Rule) -> Line:
    return Line(rule, gettext(", and ").join(described(rule.condition)))


def _form_page(request: VaultRequest, form: RuleForm, now: Rule | None) -> HttpResponse:
    trial = None
    if form.is_valid():
        try:
            if request.POST.get("act") == "try":
                trial = rules.try_out(request.access, form.condition)
            else:
                _save(request, form, now)
                return redirect("sorting")
        except Invalid as error:
            field = "named" if error.field == "speaker" else error.field
            form.add_error(field if field in form.fields else None, str(error))
    status = 422 if form.errors else 200
    context = {"form": form, "rule": now, "trial": trial}
    return render(request, "pages/sorting_rule.html", context, status=status)


def _save(request: VaultRequest, form: RuleForm, now: Rule | None) -> None:
    target, undo_at = UUID(form.cleaned_data["collection"]), ""
    if now is None:
        rules.create(request.access, target, form.condition)
    else:
        undo_at = _kept(request, rules.update(request.access, now.id, target, form.condition))
    messages.success(request, gettext("Saved. It counts from your next import on."), undo_at)


def _kept(request: VaultRequest, before: Before) -> str:
    """The address that undoes it. What is kept in the session is sealed."""
    request.session[_UNDO] = before.to_json()
    return reverse("sorting-rule-undo")
