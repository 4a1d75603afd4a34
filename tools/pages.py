"""Every page that a person can see, by the name of its address in the URL conf. After an @ stands
what is different on it. A test holds this against the URL conf."""

from dataclasses import dataclass

STRANGERS = {
    "account_login": "/accounts/login/",
    "account_signup": "/accounts/signup/",
    "account_email_verification_sent": "/accounts/confirm-email/",
    "account_confirm_email": "/accounts/confirm-email/gone/",
    "account_inactive": "/accounts/inactive/",
    "account_reset_password": "/accounts/password/reset/",
    "account_reset_password_done": "/accounts/password/reset/done/",
    "account_reset_password_from_key": "/accounts/password/reset/key/1-set-password/",
    "account_reset_password_from_key_done": "/accounts/password/reset/key/done/",
}
PAGES = {
    "home": "/",
    "more": "/more/",
    "go": "/go/?q=fish",
    "memories": "/memories/",
    "memories@found": "/memories/?q=school&learnt=90",
    "memories@nothing": "/memories/?q=qqqq&kind=skill",
    "memory-new": "/memories/new/",
    "memory-shared": "/memories/shared/",
    "saved-views": "/memories/views/",
    "import": "/import/",
    "review": "/review/",
    "review@groups": "/review/?view=groups",
    "review@suggestion": "/review/?kind=suggestion&view=cards",
    "review@held": "/review/?kind=held",
    "review@disagreement": "/review/?kind=disagreement",
    "review@duplicate": "/review/?kind=duplicate",
    "review@done": "/review/?skip=999&done=3",
    "connect": "/connect/",
    "connections": "/connections/",
    "connection-choose": "/connections/new/",
    "connection-new": "/connections/new/mem0/",
    "connection-new@closed": "/connections/new/mcp-stdio/",
    "grants": "/grants/",
    "grant-new": "/grants/new/",
    "grants-revoke-all": "/grants/stop/",
    "activity": "/activity/?days=90",
    "log-compare": "/activity/compare/",
    "flow": "/flow/",
    "map": "/map/",
    "timeline": "/timeline/",
    "move": "/move/",
    "move-slice": "/move/to/anthropic/",
    "move-slice@openai": "/move/to/openai/",
    "move-slice@ollama": "/move/to/ollama/",
    "distil": "/distil/",
    "settings": "/settings/",
    "recovery": "/settings/recovery/",
    "recover": "/unlock/recover/",
    "collection-new": "/settings/collections/new/",
    "checkup": "/settings/check/",
    "checkup-vault": "/settings/check/vault/",
    "address": "/settings/address/",
    "address-confirm": "/settings/address/gone/",
    "keys": "/settings/keys/",
    "passkey-new": "/settings/keys/passkeys/new/",
    "account_reauthenticate": "/accounts/reauthenticate/",
    "account_change_password": "/accounts/password/change/",
    "account_logout": "/accounts/logout/",
    "other-account": "/other-account/",
    "search-settings": "/settings/search/",
    "sorting": "/settings/sorting/",
    "sorting-new": "/settings/sorting/new/",
    "log-keep": "/settings/log/",
    "distilling-model": "/settings/distilling/",
    "data": "/settings/data/",
    "restore": "/settings/data/restore/",
    "erase": "/settings/data/erase/",
    "server-health": "/settings/server/",
}


@dataclass(frozen=True)
class Found:
    """The first link to it on a page, or what comes `below` that link."""

    on: str
    link: str
    below: str = ""


_MEMORY = ("/memories/?source=anthropic", ".entry-link")
_COLLECTION = ("/settings/", "a[href^='/settings/collections/']:not([href$='/new/'])")
_GRANT = ("/grants/", ".matrix th a[href^='/grants/']")
FOUND = {
    "memory": Found(*_MEMORY),
    "memory-edit": Found(*_MEMORY, "edit/"),
    "memory-readings": Found(*_MEMORY, "readings/"),
    "memory-split": Found(*_MEMORY, "split/"),
    "collection": Found(*_COLLECTION),
    "collection-key": Found(*_COLLECTION, "key/"),
    "collection-search": Found(*_COLLECTION, "search/"),
    "collection-delete": Found(*_COLLECTION, "delete/"),
    "import-state": Found("/import/", "tbody tr:last-child a"),
    "grant": Found(*_GRANT),
    "grant-see": Found(*_GRANT, "see/"),
    "grant-change": Found(*_GRANT, "change/"),
    "grant-brought": Found(*_GRANT, "brought/"),
    "activity-line": Found("/activity/?days=90", "td.number a"),
    "sorting-here": Found("/settings/sorting/", "a[href^='/settings/sorting/here/']"),
    "distil-run": Found("/distil/", "a[href^='/distil/']:not([href='/distil/'])"),
}
