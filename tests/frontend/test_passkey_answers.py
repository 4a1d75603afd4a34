"""What browsers may send for a passkey, strangers' too: malformed is refused, never an error."""

import base64
import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from frontend.signin.passkeyproof import WRONG, CredentialField, OutputField
from tests.people import PASSWORD, Person
from vault.keys import passkeys


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


CLIENT = text(b'{"type":"webauthn.get","challenge":"AAAA","origin":"http://testserver"}')
GOOD: dict[str, Any] = {
    "id": text(b"i" * 32),
    "rawId": text(b"i" * 32),
    "type": "public-key",
    "response": {
        "clientDataJSON": CLIENT,
        "authenticatorData": text(b"a" * 37),
        "signature": text(b"s" * 70),
        "userHandle": text(b"1"),
        "attestationObject": text(b"\xa3cfmtdnonegattStmt\xa0hauthDataX\x25" + b"a" * 37),
    },
    "clientExtensionResults": {"credProps": {"rk": True}},
}
ODD: list[Any] = [None, 1, 2.5, "x", "é", [], {}, [1], text(b"\xff"), text(b"{}"), text(b"[]")]


def paths(part: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in part.items():
        yield (*before, name)
        if isinstance(value, dict):
            yield from paths(value, (*before, name))


def altered() -> Iterator[str]:
    """A credential with each of its parts gone or odd, and what is no credential at all."""
    yield from ("", "nonsense", "null", "[]", "1", '"x"', "{}", "NaN", "[" * 5000, '{"a":' * 5000)
    yield json.dumps(GOOD)
    yield json.dumps({**GOOD, "more": "x" * 40_000})
    for path, odd in itertools.product(paths(GOOD), [*ODD, ...]):
        told = copy.deepcopy(GOOD)
        part = told
        for name in path[:-1]:
            part = part[name]
        if odd is ...:
            del part[path[-1]]
        else:
            part[path[-1]] = odd
        yield json.dumps(told)


@pytest.fixture(autouse=True)
def patient(settings: Any) -> None:
    """These are about answers, not about how often one may ask."""
    settings.ACCOUNT_RATE_LIMITS = False
    settings.MFA_RATE_LIMITS = False
    cache.clear()


def test_strangers_get_the_same_page_whatever_they_send() -> None:
    client = Client()
    for told in altered():
        asked = client.get("/accounts/passkey/", headers={"Accept": "application/json"})
        assert asked.json()["options"]["publicKey"]["userVerification"] == "required"
        answer = client.post("/accounts/passkey/", {"credential": told, "prf": text(b"\1" * 32)})
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/"), told[:300]
        assert "_auth_user_id" not in client.session


def test_an_open_account_gets_an_answer_to_whatever_it_sends(person: Person) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": person.user.email, "password": PASSWORD})
    for told in list(altered())[::24]:
        client.post("/settings/keys/passkeys/new/options/", {"name": "x", "password": PASSWORD})
        said = {"name": "x", "password": PASSWORD, "credential": told, "prf": text(b"\1" * 32)}
        answer = client.post("/settings/keys/passkeys/new/", said)
        assert answer.status_code == 200 and WRONG.encode() in answer.content, told[:300]
        answer = client.post("/unlock/passkey/", said)
        assert answer.status_code == 200 and WRONG.encode() in answer.content, told[:300]
    assert passkeys.listing(person.access) == []


def test_what_extensions_answered_is_cut_off() -> None:
    told = {**GOOD, "clientExtensionResults": {"prf": {"results": {"first": "k"}}, "x": 1}}
    kept = CredentialField().clean(json.dumps(told))
    assert kept["clientExtensionResults"] == {"credProps": {"rk": False}}
    assert kept["response"] == GOOD["response"]


@pytest.mark.parametrize("odd", ["é", "a", "!!!!", "A" * 65, "AAA A", "AA\nA", "=" * 4])
def test_an_output_is_base64url(odd: str) -> None:
    from django.core.exceptions import ValidationError

    assert OutputField().clean(text(bytes(range(32)))) == bytes(range(32))
    assert OutputField().clean("") == b""
    with pytest.raises(ValidationError):
        OutputField().clean(odd)
