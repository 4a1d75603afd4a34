"""What a status means for every REST vendor that has no ideas of its own."""

import httpx
import pytest

from connectors.base.errors import RateLimited
from connectors.zep.remote import Zep


@pytest.mark.parametrize("status", [402, 429])
def test_a_quota_that_is_used_up_is_waited_for(status: int) -> None:
    said = {"message": "a secret of the person's"}
    for headers, seconds in (({}, None), ({"Retry-After": "90"}, 90.0)):
        found = Zep(None, httpx.Client()).error(httpx.Response(status, headers=headers, json=said))
        assert isinstance(found, RateLimited) and found.retry_after == seconds
        assert str(status) in str(found) and "secret" not in str(found)
