"""The states of a connection and what leads from one to another: all of it is in one table."""

from typing import Final

from django.utils.translation import gettext, gettext_noop

from sync.errors import NotNow
from sync.models import Connection

S = Connection.State

TRANSITIONS: Final[dict[str, dict[S, S]]] = {
    # event        from            to
    "ran": {S.ACTIVE: S.ACTIVE, S.FAILING: S.ACTIVE},
    "failed": {S.ACTIVE: S.FAILING, S.FAILING: S.FAILING, S.RETRACTING: S.RETRACTING},
    "refused": {S.ACTIVE: S.SIGN_IN, S.FAILING: S.SIGN_IN, S.RETRACTING: S.RETRACTING},
    "guarded": {S.ACTIVE: S.BLOCKED, S.FAILING: S.BLOCKED},
    "waived": {S.BLOCKED: S.ACTIVE},
    "paused": {S.ACTIVE: S.PAUSED, S.FAILING: S.PAUSED, S.BLOCKED: S.PAUSED, S.SIGN_IN: S.PAUSED},
    "resumed": {S.PAUSED: S.ACTIVE},
    "reconnected": {
        S.SIGN_IN: S.ACTIVE,
        S.ACTIVE: S.ACTIVE,
        S.FAILING: S.ACTIVE,
        S.BLOCKED: S.ACTIVE,
        S.PAUSED: S.PAUSED,
        S.RETRACTING: S.RETRACTING,
    },
    "ended": {
        S.ACTIVE: S.RETRACTING,
        S.PAUSED: S.RETRACTING,
        S.FAILING: S.RETRACTING,
        S.BLOCKED: S.RETRACTING,
        S.SIGN_IN: S.RETRACTING,
        S.RETRACTING: S.RETRACTING,
    },
    "retracted": {S.RETRACTING: S.GONE},
}
_REFUSALS: Final = {
    S.ACTIVE: gettext_noop("This connection runs already: that cannot be done now."),
    S.PAUSED: gettext_noop("This connection is paused: that cannot be done now. Resume it first."),
    S.SIGN_IN: gettext_noop(
        "This connection needs you to sign in again: that cannot be done before you did."
    ),
    S.FAILING: gettext_noop("The last run of this connection failed: that cannot be done now."),
    S.BLOCKED: gettext_noop(
        "This connection is held back and waits for your word: that cannot be done before."
    ),
    S.RETRACTING: gettext_noop("This connection is being ended: that cannot be done any more."),
    S.GONE: gettext_noop("This connection has ended: that cannot be done any more."),
}
RUNNABLE: Final = (S.ACTIVE, S.FAILING)
"""Those in which a run may begin; what is to be taken back is so while RETRACTING."""


def after(state: str, event: str) -> S:
    """NotNow when this cannot happen in that state."""
    there = TRANSITIONS[event].get(S(state))
    if there is None:
        raise refusal(state)
    return there


def refusal(state: str) -> NotNow:
    """That something cannot be done in this state."""
    return NotNow(gettext(_REFUSALS[S(state)]))
