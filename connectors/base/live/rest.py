"""JSON over HTTP: what is the same for every REST vendor."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from connectors.base import errors
from connectors.base.live.options import settings_of
from connectors.base.protocol import Connector

_BY_STATUS: dict[int, type[errors.ConnectorError]] = {
    401: errors.AuthError,
    403: errors.AuthError,
    404: errors.NotFound,
    408: errors.Unavailable,
    409: errors.PreconditionFailed,
    410: errors.NotFound,
    412: errors.PreconditionFailed,
    425: errors.Unavailable,
}
_SENDABLE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")


class RestConnector(Connector):
    """Subclasses say where (`base_url`), who (`headers`) and what (the six verbs)."""

    @property
    def base_url(self) -> str:
        return str(self.options.base_url)

    def headers(self) -> dict[str, str]:
        return {}

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Any:
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Any:
        return self.request("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> Any:
        return self.request("PATCH", path, **kwargs)

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **kwargs: Any
    ) -> Any:
        """The JSON of the answer; None where it has no body. `kwargs` as httpx takes them.

        Ids in `path` are quoted by the caller: `quote(id, safe="")`.
        """
        response = self.answer(method, path, headers=headers, **kwargs)
        if response.status_code == httpx.codes.NO_CONTENT or not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise errors.BadResponse(f"{self.name} did not answer with JSON.") from error

    def answer(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **kwargs: Any
    ) -> httpx.Response:
        """The whole answer, where its headers matter."""
        url = self.base_url.rstrip("/") + path
        headers = {**self.headers(), **(headers or {})}
        must_be_sendable(headers, self.options)
        try:
            response = self.http.request(method, url, headers=headers, **kwargs)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise errors.Unavailable(f"{self.name} cannot be reached.") from error
        if not response.is_success:
            raise self.error(response)
        return response

    def error(self, response: httpx.Response) -> errors.ConnectorError:
        """The error for a status; override for a vendor with its own ideas. Never quotes the
        answer: it may repeat what was sent."""
        status = response.status_code
        answer = f"{status} {response.reason_phrase}".strip()
        said = f"{self.name} answered {answer}."
        if 300 <= status < 400:
            return errors.BadResponse(f"{self.name} sent us elsewhere: check its address.")
        if status in (402, 429):  # what was paid for is used up, or too many at once
            return errors.RateLimited(said, retry_after(response))
        return _BY_STATUS.get(status, errors.Unavailable if status >= 500 else errors.Rejected)(
            said
        )


def must_be_sendable(headers: Mapping[str, str], options: Any) -> None:
    """Misconfigured for the setting that brought in what no header can carry: letters beyond ASCII,
    line ends, a blank at the end."""
    for value in headers.values():
        if _SENDABLE.fullmatch(value):
            continue
        for one in settings_of(type(options)):
            entered = getattr(options, one.name)
            if isinstance(entered, str) and not _SENDABLE.fullmatch(entered) and entered in value:
                raise errors.Misconfigured(
                    f"{one.label} holds a blank or a letter with an accent, which it cannot have."
                    " Copy it again.",
                    one.name,
                )


def retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait by its Retry-After, a number or a date; None when it does not say."""
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
