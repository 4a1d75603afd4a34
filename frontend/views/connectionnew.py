"""A new connection: which memory API, then its sign-in, what it may see and add, how it runs."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from connectors.base.errors import ConnectorError
from connectors.base.live.options import settings_of
from frontend.forms.connections import PLAIN, PREFIX, NewForm, show_error
from frontend.presenters.connectioncards import connector_of, vendor_of
from frontend.presenters.connectionchoice import choice_of, groups
from frontend.signin.gate import VaultRequest, vault_required
from frontend.signin.typed import hand_back, keeps_typed
from sync.connections import connections
from sync.connections.connections import Connection
from sync.errors import NotNow
from vault import collections
from vault.errors import Invalid
from vault.text import clean


def _may_come_back(name: str, connector: str) -> bool:
    """Whether this field of a new connection holds no secret."""
    known = connector_of(connector)
    wanted = settings_of(known.Options) if known else []
    plain = {PREFIX + one.name for one in wanted if not one.is_secret}
    return name in plain or name in PLAIN or name.startswith(("see-", "add-"))


@vault_required
def choose(request: VaultRequest) -> HttpResponse:
    return render(request, "pages/connection_choose.html", {"groups": groups()})


@keeps_typed(_may_come_back)
@vault_required
@sensitive_post_parameters()
@sensitive_variables()
def new(request: VaultRequest, connector: str) -> HttpResponse:
    """What is entered is tried before anything is kept."""
    known = connector_of(connector)
    if known is None:
        raise Http404(gettext("There is no such connector."))
    listed = collections.listing(request.access)
    choice = choice_of(known)
    form = NewForm(request.POST or None, request=request, collections=listed, connector=known)
    hand_back(request, form)
    if not choice.closed and form.is_valid():
        made = _made(request, form, connector)
        if made is not None:
            return redirect("connection", made.id)
    context = {"form": form, "choice": choice, "vendor": vendor_of(connector)}
    return render(request, "pages/connection_new.html", context)


@sensitive_variables()
def _made(request: VaultRequest, form: NewForm, slug: str) -> Connection | None:
    """None when it could not be: the form says why."""
    access, owner = request.access, form.owner_key
    try:
        account = connections.try_out(slug, form.options)
        made = connections.add(
            access,
            owner,
            slug,
            form.options,
            name=form.cleaned_data["name"],
            rights=form.rights,
            settings=form.settings,
            account=account,
            confirmed_only=form.cleaned_data["confirmed_only"],
        )
    except (ConnectorError, NotNow) as error:
        show_error(form, error)
        return None
    except Invalid as error:
        name = {"into_id": "into"}.get(error.field, error.field)
        form.add_error(name if name in form.fields else None, str(error))
        return None
    _start(request, made, form)
    said = gettext("Connected to %(account)s. The first run begins now.")
    messages.success(request, said % {"account": clean(account.label)})
    return made


@sensitive_variables()
def _start(request: VaultRequest, made: Connection, form: NewForm) -> None:
    owner = None if made.settings.background else form.owner_key
    try:
        connections.run_now(request.access, made.id, owner)
    except NotNow as error:  # the server began it by itself a moment ago
        messages.info(request, str(error))
