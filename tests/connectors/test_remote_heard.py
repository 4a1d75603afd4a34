"""Whatever a stranger sends as a notice, the answer is yes or no."""

from typing import Any

import httpx
import pytest

from connectors.base.live.remote import Remote
from connectors.base.types import Capability
from tests.sync.remotes import Options, Shelf


def remote(says: Any, capabilities: Capability = Capability.NOTICE) -> Remote:
    def heard(self: Shelf, headers: object, body: bytes) -> Any:
        if isinstance(says, Exception):
            raise says
        return says

    kind = type("Loud", (Shelf,), {"heard": heard, "capabilities": capabilities})
    return Remote(kind(Options("A"), httpx.Client()))


@pytest.mark.parametrize("says", [KeyError("x"), ValueError(), RecursionError(), OverflowError()])
def test_an_error_is_a_no_and_its_words_are_not_logged(
    says: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assert not remote(says).heard({}, b"the stranger's words")
    assert type(says).__name__ in caplog.text and "stranger" not in caplog.text


@pytest.mark.parametrize(
    ("says", "answer"), [(True, True), (False, False), (1, False), ("y", False)]
)
def test_only_yes_is_yes(says: Any, answer: bool) -> None:
    assert remote(says).heard({}, b"") is answer


def test_who_sends_no_notices_is_not_heard() -> None:
    assert not remote(True, Capability.WRITE).heard({}, b"")
