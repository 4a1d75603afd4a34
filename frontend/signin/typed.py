"""What was typed into a form that came to a closed door: put aside, and handed back to its owner.

Only fields that a view names are kept: never a password, a token, a code, a file. They wait sealed
(see `aside`) for the account for which the page was made, fill the form once, and are not sent
again by anybody but their owner.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from frontend.signin import aside, whose
from vault.text import LONGEST

View = TypeVar("View", bound=Callable[..., Any])
Keep = Callable[..., bool]
"""Whether a field of this name may wait, given what the address says."""
NAME = "typed"
"""The name under which it waits, see `aside`."""
_MOST = LONGEST + 20_000
_NEVER = (forms.PasswordInput, forms.FileInput)


class Rule(NamedTuple):
    """`around`: the form stands on a page of another address than the one it is sent to. `whole`:
    what the address asks for says which form it is, so that it is handed back there alone."""

    keep: Keep
    around: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """`left_out`: names of fields that were filled in and did not wait."""

    fields: QueryDict
    left_out: list[str]


def keeps_typed(keep: Keep, *, around: bool = False, whole: bool = False) -> Callable[[View], View]:
    """Above `vault_required`, for a view that takes what somebody has typed."""

    def marked(view: View) -> View:
        view.keeps_typed = Rule(keep, around, whole)  # type: ignore[attr-defined]
        return view

    return marked


def fields_of(form: type[forms.Form], *prefixes: str) -> Keep:
    """All that this form declares but passwords and files, and what begins in one of these ways."""
    fields = form.base_fields.items()
    plain = {name for name, field in fields if not isinstance(field.widget, _NEVER)}
    return lambda name, **_: name in plain or name.startswith(prefixes)


@sensitive_variables()
def put_aside(request: HttpRequest, sent_to: str = "", page: str = "") -> str:
    """Keep what was typed into a form for `sent_to` (this address) on `page`; where it can be
    handed back, or "" when nothing is kept."""
    sent_to = sent_to or request.get_full_path()
    found, account = _rule_of(sent_to), _account(request)
    if found is None and request.headers.get("HX-Request"):
        found, sent_to = _rule_of(page), page  # a fragment within a form brings all of the form
    if request.method != "POST" or found is None or not account:
        return ""
    path, (rule, kwargs) = urlsplit(sent_to).path, found
    kept = [name for name in request.POST if rule.keep(name, **kwargs)]
    others = [name for name in request.POST if name not in kept and request.POST[name]]
    fields = [(name, value) for name in kept for value in request.POST.getlist(name)]
    left_out = [*others, *request.FILES]
    place = sent_to if rule.whole else path
    words = json.dumps([account, place, fields, left_out], ensure_ascii=False)
    if not fields or len(words) > _MOST or not _may_wait(request):
        return ""
    aside.put(request, NAME, words, whose.key(request))
    return page if rule.around or urlsplit(page).path == path else sent_to


def hand_back(request: HttpRequest, form: forms.Form, sent_to: str = "") -> None:
    """Fill a form that nobody has sent with what was put aside for it, once. It stays unsent."""
    kept = None if form.is_bound else take(request, sent_to)
    if kept is None:
        return
    found = _rule_of(sent_to or request.path)
    if found is None:
        raise TypeError("Its view does not say which fields are kept.")
    rule, kwargs = found
    for name, field in form.fields.items():
        if rule.keep(name, **kwargs):
            typed = field.widget.value_from_datadict(kept.fields, {}, form.add_prefix(name))
            form.initial[name] = typed
    left_out = [form.fields[name].label for name in kept.left_out if name in form.fields]
    form.handed_back, form.left_out = True, left_out  # type: ignore[attr-defined]


@sensitive_variables()
def take(request: HttpRequest, sent_to: str = "") -> Typed | None:
    """What was put aside for this address (that of this page), for the last time."""
    if request.method != "GET" or not waits(request):
        return None
    words = aside.peek(request, NAME)
    if not words:
        aside.drop(request, NAME)
        messages.warning(
            request, gettext("What you had entered is gone: it is kept for half an hour.")
        )
        return None
    account, place, fields, left_out = json.loads(words)
    if account != _account(request):
        aside.drop(request, NAME)
    here = (sent_to or request.path, request.get_full_path())
    if account != _account(request) or place not in here:
        return None
    aside.drop(request, NAME)
    data = QueryDict(mutable=True)
    for name, value in fields:
        data.appendlist(name, value)
    return Typed(data, left_out)


def is_beside(request: HttpRequest, page: str) -> bool:
    """Whether a fragment is asked for within a form of this page: the form stands there still, and
    will bring its words itself. Were they handed back twice at once, one of the pages had none."""
    fragment = request.headers.get("HX-Request") and _rule_of(request.path) is None
    return bool(fragment and _rule_of(page))


def waits(request: HttpRequest) -> bool:
    return f"once_{NAME}" in request.session


@sensitive_variables()
def keep_for(request: HttpRequest, account: int) -> None:
    """At a sign-in: what waits for another account is thrown away."""
    words = aside.peek(request, NAME) if waits(request) else ""
    if words and json.loads(words)[0] != whose.of_account(account):
        aside.drop(request, NAME)


def _rule_of(address: str) -> tuple[Rule, dict[str, Any]] | None:
    """What the view at this address keeps, and what the address says."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    rule: Rule | None = getattr(match.func, "keeps_typed", None)
    return (rule, match.kwargs) if rule else None


def _account(request: HttpRequest) -> str:
    mine = whose.of_account(request.user.pk) if request.user.pk else ""
    return whose.of_page(request) or mine


def _may_wait(request: HttpRequest) -> bool:
    """Strangers cannot fill the server."""
    known = request.user.is_authenticated
    return known or bool(ratelimit.consume(request, action="share"))
