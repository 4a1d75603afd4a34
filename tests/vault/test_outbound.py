"""Requests to addresses that people typed: every way to spell the server's inside is refused."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.outbound import NotAllowed, Outbound, OutboundError, Rules, TooLarge, Unreachable
from vault.outbound.addresses import is_public
from vault.outbound.connect import GuardedBackend, deadline

INSIDE = """
127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 017700000001 0177.0.0.1 0x7f.1 0x7f000001
0x7f.0x0.0x0.0x1 0177.0.0x0.1 00000177.1 127.0.0.01 0 0.0.0.0 00 0x0 localhost LOCALHOST localhost.
[::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::ffff:0:127.0.0.1]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2002:7f00:1::]
[2002:a9fe:a9fe::1] [2001::1] [2001:0:53aa:64c:0:0:80ff:fffe]
10.0.0.1 10.1 167772161 012.0.0.1 0xa.1 10.255.255.255 172.16.0.1 172.31.255.255 2886729729
192.168.0.1 192.168.1 3232235521 0xc0a80001 0300.0250.0.1 192.168.255.255 100.64.0.1 100.127.0.1
100.100.100.200 169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.1 169.254.170.2
[::ffff:169.254.169.254] [::ffff:10.0.0.1] [::ffff:a9fe:a9fe] [fe80::1] [fe80::1%25lo] [fec0::1]
[fc00::1] [fd00::1] [fd00:ec2::254] [ff02::1] [ff0e::1] [100::1] [2001:db8::1] [3fff::1] [5f00::1]
[::7f00:1] [4000::1] [::2] 168.63.129.16 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 198.18.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
"""
IN_OTHER_DIGITS = (  # full width, circled, and with the dots of Chinese writing
    "\uff11\uff12\uff17.0.0.1",
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
    "127\u30020\u30020\u30021",
)
NOT_ADDRESSES = (
    "",
    "api.example.com",
    "//api.example.com",
    "ftp://api.example.com",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:text/plain,x",
    "javascript:alert(1)",
    "unix:///run/postgres",
    "https://",
    "https:///embeddings",
    "https://user@api.example.com",
    "https://user:password@api.example.com",
    "https://api.example.com@127.0.0.1",
    "https://127.0.0.1#@api.example.com",
    "https://api.example.com/#part",
    "https://api.example.com:99999",
    "https://api.example.com:-1",
    "https://api.exam ple.com",
    "https://[::1",
    "https://\x00",
    "http://[",
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")


class Recorder(httpcore.NetworkBackend):
    """Notes which addresses would be called; calls none."""

    def __init__(self) -> None:
        self.called: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *args: object) -> httpcore.NetworkStream:
        self.called.append((host, port))
        raise httpcore.ConnectError


def called(
    host: str, port: int, rules: Rules, resolve: Callable[[str, int], list[str]], **more: bool
) -> list[tuple[str, int]]:
    recorder = Recorder()
    guard = GuardedBackend(rules, resolve=resolve, inner=recorder, **more)
    token = deadline.set(time.monotonic() + 5)
    try:
        with pytest.raises((httpcore.ConnectError, NotAllowed)):
            guard.connect_tcp(host, port, 5.0)
    finally:
        deadline.reset(token)
    return recorder.called


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", [*INSIDE.split(), *IN_OTHER_DIGITS])
def test_the_inside_is_refused_however_it_is_spelt(host: str, scheme: str) -> None:
    for port in ("", ":443", ":8443", ":6379"):
        with pytest.raises(NotAllowed):
            Outbound(Rules()).send("GET", f"{scheme}://{host}{port}/", seconds=3)


@pytest.mark.parametrize("address", NOT_ADDRESSES)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed):
        Outbound(Rules()).send("GET", address, seconds=3)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    assert called("name", 443, Rules(), lambda *_: [address]) == [(address, 443)]
    assert called("name", 443, Rules(), lambda *_: [address], plain=True) == []


@given(st.integers(0, 2**32 - 1))
def test_whatever_wraps_an_ipv4_address_is_judged_by_it(number: int) -> None:
    inner = IPv4Address(number)
    for prefix in (0xFFFF << 32, int(IPv6Address("64:ff9b::"))):
        assert is_public(IPv6Address(prefix | number)) == is_public(inner)
    assert not is_public(IPv6Address(number))  # the "compatible" form, long gone
    if is_public(inner):
        assert inner.is_global


@given(st.integers(0, 2**128 - 1))
def test_no_ipv6_address_outside_the_internet_is_public(number: int) -> None:
    wraps_ipv4 = number >> 32 in (0xFFFF, int(IPv6Address("64:ff9b::")) >> 32)
    if is_public(IPv6Address(number)):
        assert number >> 125 == 1 or wraps_ipv4  # 2000::/3 is all that was ever given out


@pytest.mark.parametrize("port", [22, 25, 80, 465, 993, 1023])
def test_other_services_of_a_public_server_are_not_called(port: int) -> None:
    assert called("name", port, Rules(), lambda *_: ["8.8.8.8"]) == []


def test_a_machine_does_not_call_its_own_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {ip_address("8.8.8.8")}
    monkeypatch.setattr("vault.outbound.addresses._own", lambda: own)
    assert called("name", 443, Rules(), lambda *_: ["8.8.8.8"]) == []


def test_a_name_that_answers_differently_the_second_time_gains_nothing() -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["8.8.4.4", "10.0.0.1", "::1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    assert called("evil.example", 443, Rules(), rebinding) == [("8.8.8.8", 443)]
    assert len(asked) == 1
    assert called("evil.example", 443, Rules(), rebinding) == []
    assert called("evil.example", 443, Rules(), rebinding) == [("8.8.4.4", 443)]


def test_whether_a_name_exists_inside_is_not_told() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    said = set()
    for resolve in (nothing, lambda *_: ["10.0.0.7"], lambda *_: []):
        with pytest.raises(NotAllowed) as refused:
            Outbound(Rules(), resolve=resolve).send("GET", "https://db.internal/")
        said.add(str(refused.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("words", "host", "port", "address", "open"),
    [
        (["localhost:11434"], "localhost", 11434, "127.0.0.1", True),
        (["localhost:11434"], "LOCALHOST.", 11434, "::1", True),
        (["localhost:11434"], "localhost", 6379, "127.0.0.1", False),
        (["localhost:11434"], "127.0.0.1", 11434, "127.0.0.1", False),
        (["gpu.lan"], "gpu.lan", 8000, "192.168.1.7", True),
        (["gpu.lan"], "evil.gpu.lan", 8000, "192.168.1.7", False),
        (["192.168.1.0/24"], "gpu.lan", 80, "192.168.1.7", True),
        (["192.168.1.0/24"], "gpu.lan", 80, "192.168.2.7", False),
        (["192.168.1.7"], "gpu.lan", 80, "192.168.1.7", True),
        (["192.168.1.7:80"], "192.168.1.7", 80, "192.168.1.7", True),
        (["192.168.1.7:80"], "192.168.1.7", 81, "192.168.1.7", False),
        (["127.0.0.0/8"], "localhost", 1, "::ffff:127.0.0.1", True),
        (["[::1]:8000"], "::1", 8000, "::1", True),
        (["[::1]"], "localhost", 8000, "::1", True),
        (["fd00::/8"], "gpu.lan", 8000, "fd12::1", True),
        ([], "localhost", 11434, "127.0.0.1", False),
    ],
)
def test_what_the_self_hoster_opened_is_open_and_nothing_beside_it(
    words: list[str], host: str, port: int, address: str, open: bool
) -> None:
    rules = Rules.parse(words)
    for plain in (False, True):
        found = called(host, port, rules, lambda *_: [address], plain=plain)
        assert found == ([(address, port)] if open else [])


@pytest.mark.parametrize("word", ["", "*", "http://x", "a:b", "a:0", "a:70000", "a b", "user@x"])
def test_a_rule_that_means_nothing_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        Rules.parse([word])


@contextmanager
def serving(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


LOOPBACK = Rules.parse(["127.0.0.0/8"])


def plain(handler: http.server.BaseHTTPRequestHandler, body: bytes, *headers: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in zip(headers[::2], headers[1::2], strict=True):
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_one_request_and_its_answer() -> None:
    seen: list[dict[str, str]] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        seen.append(dict(handler.headers))
        plain(handler, b"hello", "X-Kind", "test")

    with serving(answer) as address:
        got = Outbound(LOOPBACK).send("GET", address, headers={"X-Asked": "1"})
    assert (got.status, got.body, got.headers["x-kind"]) == (200, b"hello", "test")
    assert seen[0]["X-Asked"] == "1"
    assert seen[0]["Host"] in address


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    hops: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        hops.append(handler.path)
        handler.send_response(302)
        handler.send_header("Location", "/inside")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with serving(answer) as address:
        assert Outbound(LOOPBACK).send("GET", address).status == 302
    assert hops == ["/"]


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(lambda handler: plain(handler, b"direct")) as address:
        assert Outbound(LOOPBACK).send("GET", address).body == b"direct"


def test_no_more_is_read_than_was_agreed() -> None:
    with serving(lambda handler: plain(handler, b"x" * 5001)) as address:
        with pytest.raises(TooLarge):
            Outbound(LOOPBACK).send("GET", address, size=5000)
        assert len(Outbound(LOOPBACK).send("GET", address, size=5001).body) == 5001


def test_a_packed_answer_is_refused_before_it_unfolds() -> None:
    packed = serving(lambda handler: plain(handler, b"\x1f\x8b", "Content-Encoding", "gzip"))
    with packed as address, pytest.raises(TooLarge):
        Outbound(LOOPBACK).send("GET", address)


def drip(handler: http.server.BaseHTTPRequestHandler, what: bytes) -> None:
    try:
        for byte in what * 1000:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


@pytest.mark.parametrize("what", [b"X", b"HTTP/1.1 200 OK\r\nA: b\r\n"], ids=["status", "headers"])
def test_a_server_that_drips_is_left_when_the_time_is_over(what: bytes) -> None:
    begun = time.monotonic()
    with serving(lambda handler: drip(handler, what)) as address:
        with pytest.raises(OutboundError):
            Outbound(LOOPBACK).send("GET", address, seconds=0.6)
        assert time.monotonic() - begun < 5  # the drip alone would take 50 s


def test_who_does_not_speak_http_or_is_not_there_is_unreachable() -> None:
    def noise(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail.example ESMTP\r\n")
        handler.close_connection = True

    with serving(noise) as address, pytest.raises(Unreachable, match="HTTP"):
        Outbound(LOOPBACK).send("GET", address)
    with pytest.raises(Unreachable, match="did not answer"):
        Outbound(LOOPBACK).send("GET", address)


def test_a_certificate_nobody_vouches_for_is_not_accepted() -> None:
    with serving(lambda handler: plain(handler, b"")) as address:
        port = address.rstrip("/").rpartition(":")[2]
        with pytest.raises(Unreachable):
            Outbound(LOOPBACK).send("GET", f"https://127.0.0.1:{port}/", seconds=3)


def test_what_was_asked_stands_in_no_error_and_no_repr() -> None:
    secret = "sk-verysecret"
    with serving(lambda handler: plain(handler, secret.encode())) as address:
        answer = Outbound(LOOPBACK).send("GET", address, headers={"Authorization": secret})
    assert secret not in repr(answer)
    for header in (secret + "\r\nX: y", secret + "\x00"):
        with pytest.raises(OutboundError) as failed:
            Outbound(LOOPBACK).send("GET", address, headers={"Authorization": header})
        assert secret not in str(failed.value)
