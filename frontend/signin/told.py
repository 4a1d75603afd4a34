"""What the next page tells about what was done: the words sealed in the session, their key in a
cookie. They name collections, views and apps, and no such name may lie in a table."""

import json
from typing import Any

from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse

from frontend.signin.session import cookie, hand_over, set_cookie
from vault import aside
from vault.errors import Tampered

_COOKIE = "satchel_told"


class SealedStorage(SessionStorage):
    """Django's messages, in two halves: each alone tells nothing."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        sealed = self.request.session.get(self.session_key)
        if not sealed:
            return [], True
        try:
            words = aside.open_(sealed, cookie(self.request, _COOKIE))
            return self.deserialize_messages(words) or [], True
        except (Tampered, json.JSONDecodeError):
            return [], True  # the other half is gone: nothing but the telling is lost

    def _store(self, messages: Any, response: HttpResponse, *args: Any, **kwargs: Any) -> list[Any]:
        if messages:
            key = aside.new_key()
            sealed = aside.seal(self.serialize_messages(messages), key)
            self.request.session[self.session_key] = sealed
            set_cookie(self.request, _COOKIE, key)
        elif self.request.session.pop(self.session_key, None) is not None:
            set_cookie(self.request, _COOKIE, "")
        hand_over(self.request, response)
        return []
