"""Is everything there that must be, and as it was left; and a way to go on when it is not."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from frontend.forms.search import model_name
from frontend.presenters.connectionhealth import behind
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.session import open_vault
from frontend.signin.stepup import StepUpForm
from frontend.words.numbers import number
from vault import collections
from vault.access import Access
from vault.errors import NotFound, Stale, Tampered
from vault.integrity import checkup as checkups
from vault.integrity.checkup import Setup
from vault.integrity.remaking import Remade
from vault.search.choice import Choice
from vault.types import Collection

_READS = (
    gettext_noop("%(model)s reads its texts."),
    gettext_noop("%(model)s reads its texts. They leave this server for %(host)s."),
)
_WILL_READ = (
    gettext_noop("%(model)s reads its texts from the next change on."),
    gettext_noop(
        "%(model)s reads its texts from the next change on. They leave this server for %(host)s."
    ),
)


@vault_required
def checkup(request: VaultRequest) -> HttpResponse:
    """Look, when asked to: a large vault takes a second or two."""
    results = _results(request.access) if request.method == "POST" else []
    locked = checkups.locked(request.access)
    wrong = bool(locked) or any(reason for *_, reason in results)
    context = {"results": results, "wrong": wrong, "locked": locked}
    context["behind"] = behind(request.access)
    return render(request, "pages/checkup.html", context)


@vault_required
@sensitive_post_parameters("password")
@sensitive_variables()
def accept(request: VaultRequest, collection_id: UUID) -> HttpResponse:
    """Take what is there as what must be there: after a restored backup, or a loss looked into."""
    found = collections.get(request.access, collection_id)
    form = StepUpForm(request.POST or None, request=request)
    if form.is_valid():
        try:
            made = checkups.accept(request.access, collection_id, request.POST.get("seen", ""))
            messages.success(request, _made(found, made))
            return redirect("checkup")
        except Stale as error:
            form.add_error(None, str(error))
    now = checkups.setup(request.access, collection_id)
    context = {"form": form, "collection": found, "now": now, "setup": _setup(now)}
    return render(request, "pages/checkup_accept.html", context)


@login_required
@sensitive_post_parameters("password")
@sensitive_variables()
def vault_list(request: HttpRequest) -> HttpResponse:
    """The list of collections, which only the vault's own key can tell: what does not fit of it,
    and going on with what is there. Also for who cannot unlock because of it."""
    form, misfits = StepUpForm(request.POST or None, request=request), None
    if form.is_valid():
        try:
            misfits = checkups.check_vault(form.owner_key)
            if misfits and request.POST.get("act") == "accept":
                open_vault(request, checkups.accept_vault(form.owner_key))
                done = gettext("Your vault stands as it is. Now check what is in it.")
                messages.success(request, done)
                return redirect("checkup")
            form = StepUpForm(request=request)
        except (NotFound, Tampered) as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "misfits": misfits,
        "asked": misfits or request.POST.get("act") == "accept",
        "is_open": getattr(request, "access", None) is not None,
    }
    return render(request, "pages/checkup_vault.html", context)


def _results(access: Access) -> list[tuple[Collection, int, str]]:
    """Each collection with how many memories were checked, or else what is wrong."""
    results = []
    for one in collections.listing(access):
        reason = _reason(access, one)
        results.append((one, one.count or 0, reason))
    return results


def _reason(access: Access, collection: Collection) -> str:
    try:
        checkups.check(access, collection.id)
    except Tampered as error:
        return str(error)
    return ""


def _made(collection: Collection, made: Remade) -> str:
    words = gettext("%(collection)s now stands as it is, with %(count)s of its memories.")
    if made.held:
        words = gettext(
            "%(collection)s now stands as it is, with %(count)s of its memories. Waiting for your"
            " word in Review: %(held)s."
        )
    said = {"collection": collection.name, "count": number(made.count), "held": number(made.held)}
    return words % said


def _setup(now: Setup) -> list[str]:
    """What accepting a collection says of it, in the order of how much it matters."""
    return [*_models(now), _search(now), _private(now)]


def _models(now: Setup) -> list[str]:
    if now.chosen is None:
        return [
            gettext("Which model reads its texts cannot be read any more: the built-in one will.")
        ]
    both = ((now.chosen.now, _READS), (now.chosen.next, _WILL_READ))
    return [_model(one, words) for one, words in both if one is not None]


def _model(one: Choice, words: tuple[str, str]) -> str:
    here, leaves = words
    said = gettext(leaves if one.leaves else here)
    return said % {"model": model_name(one), "host": one.host}


def _search(now: Setup) -> str:
    if now.said.indexed or now.said.becoming == "indexed":
        return gettext(
            "It is searched by an index in the database: obfuscated there, not encrypted."
        )
    return gettext("It is searched sealed: the database holds nothing of it in readable form.")


def _private(now: Setup) -> str:
    if now.said.private:
        return gettext("It is private: left out of every grant unless you tick it there.")
    return gettext("It is not private.")
