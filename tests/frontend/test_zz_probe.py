"""Probe."""
import datetime
import pytest
from django.test import Client
from tests.people import Person, signed_in
from tests.frontend.test_memories import remember

ADDRESSES = [
 "/timeline/?source=%00", "/map/?source=%00", "/memories/?source=%00", "/go/?q=%00", "/go/?q=a%00b", "/memories/?q=%00",
 "/go/?q=%ED%A0%80", "/timeline/?year=0001", "/timeline/?month=0001-01", "/timeline/?month=9998-12", "/timeline/?year=9998",
 "/map/?region=99999&start=999999", "/map/?collection=zz", "/map/points/?source=%00", "/memories/?since=0001-01-01", "/memories/?since=2999-12-31&upto=2999-12-31",
 "/memories/?learnt=days&since=2026-W01-1", "/flow/", "/timeline/?cursor=zz", "/timeline/?cursor=MjAyMC0wMS0wMVQwMDowMDowMCswMDowMHwwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA=",
 "/timeline/?cursor=MDAwMS0wMS0wMVQwMDowMDowMCswMDowMHwwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA=",
 "/activity/?grant=%00&days=90", "/connections/?state=%00", "/memories/?import=%00", "/review/?kind=%00", "/review/?view=%00&done=99999999999999999999",
 "/grants/?x=1", "/settings/?x=%00", "/sources/?q=%00","/review/?done=-5","/review/?done=٣","/activity/?days=٣","/home/",
]

@pytest.mark.parametrize("address", ADDRESSES)
def test_get(person: Person, address: str) -> None:
    for i in range(6):
        remember(person, f"Paints tide gauges number {i}", "Work")
    client = signed_in(person)
    client.raise_request_exception = False
    answer = client.get(address)
    assert answer.status_code < 500, address

@pytest.mark.parametrize("at", ["2020-01-01T00:00:00+23:00", "0001-01-01T00:00:00+14:00", "2020-01-01T00:00:00+00:00:01"])
@pytest.mark.parametrize("do", ["both","undo","suggested"])
def test_many(person: Person, at: str, do: str) -> None:
    client = signed_in(person)
    client.raise_request_exception = False
    from django.urls import reverse
    answer = client.post(reverse("review-many"), {"group":"duplicate","do":do,"at":at})
    assert answer.status_code < 500

@pytest.mark.parametrize("body,kind", [
 (b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n+2AA-\r\n--x--\r\n', "multipart/form-data; boundary=x; charset=utf-7"),
 (b"text=%00", "application/x-www-form-urlencoded"),
 (b'--x\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\nabc\r\n--x--\r\n', "multipart/form-data; boundary=x"),
 (b"text=%ED%A0%80", "application/x-www-form-urlencoded"),
])
def test_share(person: Person, body: bytes, kind: str) -> None:
    client = Client(raise_request_exception=False)
    a = client.post("/share/", body, content_type=kind, headers={"Sec-Fetch-Site": "none"})
    assert a.status_code < 500, a.status_code

@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_views(person: Person, name: str) -> None:
    client = signed_in(person)
    client.raise_request_exception = False
    body = {"name": "v", "q": name.encode("utf-8","replace").decode()}
    assert client.post("/memories/views/save/", body).status_code < 500
    assert client.post("/memories/views/save/", {"name": "v2", "q":"x", "source": "\x00"}).status_code < 500
    assert client.get("/memories/").status_code < 500
    assert client.get("/memories/views/").status_code < 500

@pytest.mark.parametrize("to", ["//evil.org", "https:evil.org", "/\\evil.org", "\\\\evil.org", "javascript:alert(1)", "/\t/evil.org", "https:///evil.org"])
def test_language(client: Client, to: str) -> None:
    a = client.post("/language/", {"language": "de", "next": to})
    print(to, a.status_code, a.headers.get("Location"))
    assert "evil" not in a.headers.get("Location", "") 
