"""One look at the consent page: who asks for what, what it has already, and what was answered."""

from functools import cached_property
from typing import Any

from django.views.decorators.debug import sensitive_variables

from frontend.forms.consent import AgainForm, ConsentForm
from frontend.presenters.lookahead import Lookahead, lookahead
from frontend.signin.gate import VaultRequest
from frontend.signin.visitors import Place, Visitor, place_of, visitor_of
from vault import collections
from vault.granting import clients, families, seen
from vault.granting.scopes import ADD, SCOPES, SEE, SUGGEST
from vault.types import Collection, Grant

_WEIGHTY = (SEE, SUGGEST, ADD)
"""What makes a difference to what the app can do; that it stays connected is said anyway."""


class Asked:
    """What an app asks for, and the form in which its owner answers."""

    def __init__(self, request: VaultRequest, app: Any, scopes: list[str], leads_to: str) -> None:
        self.request, self.app, self.leads_to = request, app, leads_to
        self.scopes = frozenset(scopes)
        self.access, self.said = request.access, request.POST
        self.preview: Lookahead | None = None
        self.form = self._form()

    @cached_property
    def visitor(self) -> Visitor:
        return visitor_of(self.app)

    @cached_property
    def place(self) -> Place:
        return place_of(self.leads_to)

    @cached_property
    def known(self) -> Grant | None:
        return clients.known(self.access, self.app.client_id)

    @cached_property
    def collections(self) -> list[Collection]:
        return collections.listing(self.access)

    @cached_property
    def news(self) -> frozenset[str]:
        """What an app that is connected already did not ask for before."""
        if self.known is None:
            return frozenset()
        rights = self.known.rights.values()
        had = set(families.scopes(self.access, self.known.id))
        had |= {SEE} if any(right.see for right in rights) else set()
        had |= {SUGGEST} if any(right.add != "no" for right in rights) else set()
        had |= {ADD, SUGGEST} if any(right.add == "yes" for right in rights) else set()
        return (self.scopes & frozenset(_WEIGHTY)) - had

    @property
    def wishes(self) -> list[tuple[str, bool]]:
        """What it asks for, in words, and whether that is new."""
        return [(SCOPES[one], one in self.news) for one in SCOPES if one in self.scopes]

    @property
    def asks_again(self) -> bool:
        """Whether one line is enough: nothing would change."""
        return isinstance(self.form, AgainForm)

    @property
    def overtaken(self) -> bool:
        """Whether one line was answered, but what the app had was changed or ended meanwhile."""
        return "again" in self.said and not self.asks_again

    @property
    def open_ones(self) -> list[Collection]:
        return [one for one in self.collections if not one.private]

    @property
    def template(self) -> str:
        return "pages/consent_again.html" if self.asks_again else "pages/consent.html"

    @property
    def allowed(self) -> bool:
        return self.form.is_valid()

    @sensitive_variables()
    def connected(self) -> Any:
        """The app's grant and its key, for a code. Invalid when the choice makes no sense."""
        owner, client_id = self.form.owner_key, self.app.client_id
        if not isinstance(self.form, ConsentForm):
            return clients.again(self.access, owner, client_id=client_id)
        said = self.form.cleaned_data
        return clients.connect(
            self.access,
            owner,
            client_id=client_id,
            name=self.visitor.name,
            rights=self.form.rights,
            expires_at=self.form.asked_to_end,
            purpose=said["purpose"],
            **self.form.limits_in(said),
        )

    def _form(self) -> AgainForm | ConsentForm:
        nothing_new = self.known is not None and not self.news
        sent_again, sent = "again" in self.said, self.request.method == "POST"
        if nothing_new and (sent_again if sent else "change" not in self.request.GET):
            return AgainForm(self.said or None, request=self.request)
        if "preview" in self.said or (sent and self.request.htmx):
            return self._looked_at()
        return self._choice(None if sent_again else self.said or None)

    def _choice(self, data: Any = None, **more: Any) -> ConsentForm:
        return ConsentForm(
            data,
            request=self.request,
            collections=self.collections,
            known=self.known,
            scopes=self.scopes,
            purpose=self.request.GET.get("purpose", ""),
            **more,
        )

    def _looked_at(self) -> ConsentForm:
        """The form with what is chosen so far, and what that would let the app see."""
        blank = self._choice()
        said = {name: self.said.get(name, "") for name in blank.fields if name != "password"}
        form = self._choice(initial=said)
        rights, limits = form.rights_in(said), form.limits_in(said)
        view = seen.seen_with(self.access, rights, grant=self.known, **limits)
        self.preview = lookahead(view)
        return form
