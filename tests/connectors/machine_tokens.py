"""Connectors that fetch a token first: stands before the transport as the sign-in service."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar
from urllib.parse import parse_qsl

import httpx
import pytest

from connectors.base.errors import AuthError, BadResponse, ConnectorError, RateLimited, Unavailable
from connectors.base.live import oauth
from connectors.base.live.remote import Remote
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Dead

TOKEN = "a-token"
Answer = Callable[[dict[str, str]], httpx.Response]


class SignIn(httpx.BaseTransport):
    """Answers at `url` by itself, and passes on the rest. What was handed in is in `forms`."""

    def __init__(self, url: str, answer: Answer, behind: httpx.BaseTransport) -> None:
        self.url, self.answer, self.behind = url, answer, behind
        self.forms: list[dict[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) != self.url:
            return self.behind.handle_request(request)
        assert request.method == "POST"
        self.forms.append(dict(parse_qsl(request.read().decode())))
        return self.answer(self.forms[-1])


class MachineConformance(RestConformance):
    """`token_url` gives tokens for forms that `is_good`."""

    token_url: ClassVar[str]

    def is_good(self, form: dict[str, str]) -> bool:
        raise NotImplementedError

    def granted(self, form: dict[str, str]) -> httpx.Response:
        if not self.is_good(form):
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": TOKEN, "expires_in": 3600})

    def connect(self, transport: httpx.BaseTransport | None = None) -> Remote:
        return self.signing_in(self.granted, transport)[0]

    def signing_in(
        self, answer: Answer, transport: httpx.BaseTransport | None = None
    ) -> tuple[Remote, SignIn]:
        service = SignIn(self.token_url, answer, transport or Dead())
        return super().connect(service), service

    def test_one_token_is_enough_for_a_run(self) -> None:
        remote, service = self.signing_in(self.granted, Always(503))
        for _ in range(3):
            with pytest.raises(Unavailable):
                remote.check()
        assert len(service.forms) == 1

    def test_a_token_is_had_anew_before_it_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        remote, service = self.signing_in(self.granted, Always(503))
        for now, asked in ((1000.0, 1), (4500.0, 1), (4541.0, 2)):
            monkeypatch.setattr(oauth, "monotonic", partial(float, now))
            with pytest.raises(Unavailable):
                remote.check()
            assert len(service.forms) == asked

    @pytest.mark.parametrize("status", [400, 401, 403, 404])
    def test_credentials_that_are_refused_are_never_a_missing_entry(self, status: int) -> None:
        """404 from the sign-in service must not pass for a memory that is gone."""
        remote, _ = self.signing_in(lambda form: httpx.Response(status, json={"error": "x"}))
        entry = self.first()
        for act in (
            remote.check,
            lambda: list(remote.pages()),
            lambda: remote.create(ITEM, KEY),
            lambda: remote.update(entry, ITEM),
            lambda: remote.delete(entry),
        ):
            with pytest.raises(AuthError) as caught:
                act()
            assert not any(secret in str(caught.value) for secret in self.secrets())

    @pytest.mark.parametrize(
        ("status", "error"), [(429, RateLimited), (503, Unavailable), (302, BadResponse)]
    )
    def test_a_sign_in_service_with_troubles_of_its_own(
        self, status: int, error: type[ConnectorError]
    ) -> None:
        remote, _ = self.signing_in(lambda form: httpx.Response(status))
        with pytest.raises(error):
            remote.check()

    @pytest.mark.parametrize(
        "content",
        [
            b"<html>",
            b"{}",
            b"[1]",
            b"null",
            b'{"access_token": 7, "expires_in": 3600}',
            b'{"access_token": "a\\r\\nb: c", "expires_in": 3600}',
            b'{"access_token": "", "expires_in": 3600}',
            b'{"access_token": "a", "expires_in": "soon"}',
        ],
    )
    def test_an_answer_that_is_no_token(self, content: bytes) -> None:
        remote, _ = self.signing_in(lambda form: httpx.Response(200, content=content))
        with pytest.raises(BadResponse):
            remote.check()

    def test_nobody_there_to_sign_in(self) -> None:
        def silent(form: dict[str, str]) -> httpx.Response:
            raise httpx.ConnectError("nobody there")

        remote, _ = self.signing_in(silent)
        with pytest.raises(Unavailable):
            remote.check()
