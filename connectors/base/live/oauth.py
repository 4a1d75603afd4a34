"""REST with an access token that is had from a token service for credentials of a machine."""

from abc import abstractmethod
from time import monotonic
from typing import Any

import httpx

from connectors.base.errors import AuthError, BadResponse, ConnectorError, Unavailable
from connectors.base.live.rest import RestConnector

_EARLY = 60
"""Seconds before its end in which a token is not used any more: the way to the vendor takes time,
and clocks differ."""


class OAuthConnector(RestConnector):
    """Subclasses say where tokens are had (`token_url`) and what is handed in for one (`grant`)."""

    _token = ""
    _until = 0.0

    @property
    @abstractmethod
    def token_url(self) -> str: ...

    @abstractmethod
    def grant(self) -> dict[str, str]:
        """The form that is sent. Misconfigured where the credentials cannot even be read."""

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token()}"}

    def token(self) -> str:
        """An access token that still works for a while; kept in this object, nowhere else."""
        if monotonic() >= self._until:
            asked_at = monotonic()
            answer = self._granted()
            self._token, self._until = answer[0], asked_at + answer[1] - _EARLY
        return self._token

    def _granted(self) -> tuple[str, float]:
        form = self.grant()
        try:
            response = self.http.post(self.token_url, data=form)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Unavailable(f"The sign-in service of {self.name} cannot be reached.") from error
        if not response.is_success:
            raise self._refused(response)
        try:
            return _token_in(response.json())
        except (ValueError, TypeError, KeyError) as error:
            raise BadResponse(
                f"The sign-in service of {self.name} answered in a form that is not known."
            ) from error

    def _refused(self, response: httpx.Response) -> ConnectorError:
        """400 and 404 speak of the credentials here, never of an entry."""
        status = response.status_code
        if 400 <= status < 500 and status not in {408, 425, 429}:
            return AuthError(f"The sign-in service of {self.name} refuses these credentials.")
        return self.error(response)


def _token_in(answer: Any) -> tuple[str, float]:
    token, lasts = answer["access_token"], float(answer["expires_in"])
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
        raise ValueError("access_token")
    return token, lasts
