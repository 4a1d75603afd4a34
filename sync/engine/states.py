"""The states of a connection and what leads from one to another: all of it is in one table."""

from typing import Final

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
RUNNABLE: Final = (S.ACTIVE, S.FAILING)
"""Those in which a run may begin; what is to be taken back is so while RETRACTING."""


def after(state: str, event: str) -> S:
    """NotNow when this cannot happen in that state."""
    there = TRANSITIONS[event].get(S(state))
    if there is None:
        raise NotNow(f"This connection is {state}: that cannot be done now.")
    return there
