"""The HTTP probe against real servers, good ones and nasty ones."""

from __future__ import annotations

import asyncio
import functools
import gzip
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import trustme

from agent.address import Lookup
from agent.fetch import MAX_BODY
from agent.probe import Reason, Result, Target
from agent.probes.http import HttpProbe
from inventory.check import HttpCheck

pytestmark = pytest.mark.anyio

TARGET = Target("portal", "office", "service", "127.0.0.1")
Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(
    answer: Answer, context: ssl.SSLContext | None = None, until: bytes = b"\r\n\r\n"
) -> AsyncIterator[int]:
    """The port of a server on loopback that reads a request `until` its end and lets `answer` write."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        try:
            await answer(await reader.readuntil(until), writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def page(body: bytes = b"", status: str = "200 OK", *headers: str) -> Answer:
    """Answers every request with this page."""

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def raw(answer_bytes: bytes) -> Answer:
    """Answers every request with these very bytes."""

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_bytes)

    return answer


def endless(head: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """Never stops: the head once, the piece for ever."""

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


@functools.cache
def ordinary_probe() -> HttpProbe:
    """One for most tests: reading the roots that it trusts takes a while."""
    return HttpProbe()


async def check(
    url: str, deadline: float = 5.0, probe: HttpProbe | None = None, **options: object
) -> Result:
    """One check of this URL."""
    asked = probe or ordinary_probe()
    try:
        return await asked.check(TARGET, HttpCheck(url=url, **options), deadline)
    finally:
        await asked.close()


def values(result: Result) -> dict[str, float]:
    """Readings by name, the phases by their own."""
    return {
        "/".join((reading.metric, *reading.labels.values())): reading.value
        for reading in result.readings
    }


async def test_good_page() -> None:
    """A page that answers as expected gives status, content and the phases, which sum up."""
    async with serving(page("Một cửa điện tử".encode())) as port:
        result = await check(f"http://127.0.0.1:{port}/", contains="cửa điện")
    assert result.ok, result.working
    got = values(result)
    assert got["http_status_code"] == 200
    assert got["http_content_ok"] == 1
    phases = {
        name: got[f"http_response_seconds/{name}"]
        for name in ("resolve", "connect", "processing", "transfer")
    }
    assert all(seconds >= 0 for seconds in phases.values())
    assert sum(phases.values()) <= result.seconds
    assert "http_response_seconds/tls" not in got


async def test_front_page_of_a_device() -> None:
    """Without a URL the start page at the target's address is asked, port 80."""
    printer = Target("x", "s", "printer", "127.0.0.3")
    result = await ordinary_probe().check(printer, HttpCheck(), 2)
    assert "GET http://127.0.0.3/ from 127.0.0.3." in result.working


async def test_processing_is_the_servers_time() -> None:
    """A server that thinks shows in `processing`, not in the other phases."""

    async def thinks(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serving(thinks) as port:
        got = values(await check(f"http://127.0.0.1:{port}/"))
    assert got["http_response_seconds/processing"] >= 0.2
    assert got["http_response_seconds/connect"] < 0.2
    assert got["http_response_seconds/transfer"] < 0.2


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress("xã Đồng Ích".encode()), ("Content-Encoding: gzip",)),
        (zlib.compress("xã Đồng Ích".encode()), ("Content-Encoding: deflate",)),
        ("xã Đồng Ích".encode("utf-16"), ("Content-Type: text/html; charset=utf-16",)),
        ("xã Đồng Ích".encode(), ()),
        ("xã &#272;ồng Ích".encode(), ()),
    ],
    ids=["gzip", "deflate", "utf-16", "utf-8", "entities"],
)
async def test_content_however_it_is_written(body: bytes, headers: tuple[str, ...]) -> None:
    """Packed, in another charset, escaped or with diacritics apart: the same text."""
    async with serving(page(body, "200 OK", *headers)) as port:
        assert (await check(f"http://127.0.0.1:{port}/", contains="Đồng Ích")).ok


async def test_content_missing() -> None:
    """A page without the text fails as `content` and reads 0; without `contains` nothing is read."""
    async with serving(page(b"under construction")) as port:
        without = await check(f"http://127.0.0.1:{port}/")
        result = await check(f"http://127.0.0.1:{port}/", contains="Đăng nhập")
    assert "http_content_ok" not in values(without)
    assert (result.reason, values(result)["http_content_ok"]) == (Reason.CONTENT, 0)
    assert result.working[-1] == "The page does not hold the text “Đăng nhập”."


async def test_wrong_status() -> None:
    """Another status than the one expected fails as `status`; one that is expected passes."""
    async with serving(page(b"", "503 Service Unavailable")) as port:
        result = await check(f"http://127.0.0.1:{port}/")
        expected = await check(f"http://127.0.0.1:{port}/", status=503)
    assert (result.reason, values(result)["http_status_code"]) == (Reason.STATUS, 503)
    assert expected.ok


async def test_expected_redirect_is_not_followed() -> None:
    """Who expects 302 wants to see the 302."""
    async with serving(page(b"", "302 Found", "Location: file:///etc/passwd")) as port:
        assert (await check(f"http://127.0.0.1:{port}/", status=302)).ok


async def test_closed_port_and_silent_server() -> None:
    """Refused and never answered are told apart; the deadline holds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.perf_counter()
        late = await check(f"http://127.0.0.1:{silent.getsockname()[1]}/", deadline=0.3)
        took = time.perf_counter() - began
        port = silent.getsockname()[1]
    closed = await check(f"http://127.0.0.1:{port}/")
    assert (late.reason, closed.reason) == (Reason.TIMEOUT, Reason.REFUSED)
    assert took < 1
    assert not closed.working[-1].isascii() or "nothing listens" in closed.working[-1]


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"H"],
    ids=["body", "headers", "first-byte"],
)
async def test_slow_loris(head: bytes) -> None:
    """A server that dribbles ends at the total deadline, wherever it dribbles."""
    async with serving(endless(head, b"a" if b"\n\r\n" in head else b"", 0.02)) as port:
        result = await check(f"http://127.0.0.1:{port}/", deadline=0.4)
    assert result.reason is Reason.TIMEOUT
    assert result.seconds < 1


async def test_endless_stream_is_cut() -> None:
    """An endless chunked body is read up to the cap and no further."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(endless(head, chunk)) as port:
        result = await check(f"http://127.0.0.1:{port}/", contains="y")
    assert result.reason is Reason.CONTENT
    assert f"The page has {MAX_BODY} bytes and was cut there." in result.working


async def test_endless_headers() -> None:
    """A header line without end is a broken protocol, not an eaten memory."""
    async with serving(endless(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 65536)) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert result.reason is Reason.MALFORMED


@pytest.mark.parametrize("layers", [1, 2])
async def test_decompression_bomb(layers: int) -> None:
    """100 MB packed small are unpacked up to the cap; packed twice is not unpacked at all."""
    bomb = gzip.compress(bytes(100 << 20), compresslevel=9)
    encoding = "gzip"
    if layers == 2:
        bomb, encoding = gzip.compress(bomb), "gzip, gzip"
    async with serving(page(bomb, "200 OK", f"Content-Encoding: {encoding}")) as port:
        began = time.perf_counter()
        result = await check(f"http://127.0.0.1:{port}/")
    assert time.perf_counter() - began < 2
    if layers == 1:
        assert result.ok
        assert f"The page has {MAX_BODY} bytes and was cut there." in result.working
    else:
        assert result.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"",
    ],
)
async def test_broken_protocol(answer: bytes) -> None:
    """Whatever is not HTTP is `malformed`, in words."""
    async with serving(raw(answer)) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert result.reason is Reason.MALFORMED, result


async def test_hostile_charset() -> None:
    """A page may not choose a codec that unpacks or takes for ever."""
    body = zlib.compress(b"secret")
    async with serving(page(body, "200 OK", "Content-Type: text/html; charset=zlib")) as port:
        assert (
            await check(f"http://127.0.0.1:{port}/", contains="secret")
        ).reason is Reason.CONTENT


async def test_redirects_within_the_host() -> None:
    """Up to five redirects are followed, cookies are kept, phases are summed."""
    seen: list[bytes] = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        if len(seen) <= 5:
            step = f"HTTP/1.1 302 Found\r\nLocation: /step{len(seen)}\r\nSet-Cookie: a=1\r\n"
            writer.write(step.encode() + b"Content-Length: 0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serving(answer) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert result.ok, result.working
    assert seen[5].startswith(b"GET /step5 ")
    assert b"cookie: a=1" in seen[5].lower()
    assert len([r for r in result.readings if r.labels == {"phase": "connect"}]) == 1


async def test_redirects_without_end() -> None:
    """A sixth redirect is one too many."""
    async with serving(page(b"", "301 Moved", "Location: /again")) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert result.reason is Reason.MISBEHAVING
    assert len([line for line in result.working if line.startswith("GET ")]) == 6


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", Reason.FORBIDDEN),
        ("gopher://127.0.0.1/", Reason.FORBIDDEN),
        ("javascript:alert(1)", Reason.MALFORMED),
        ("http://127.0.0.2/", Reason.FORBIDDEN),
        ("http://localhost.localdomain:1/", Reason.NAME),
        ("http://[::1]/", Reason.FORBIDDEN),
        ("http://169.254.169.254/latest/meta-data", Reason.FORBIDDEN),
        ("http://0.0.0.0/", Reason.FORBIDDEN),
        ("http://[::ffff:127.0.0.2]/", Reason.FORBIDDEN),
        ("http://0x7f000002/", Reason.FORBIDDEN),
        ("http://a\x00b/", Reason.MALFORMED),
        ("//127.0.0.2/", Reason.FORBIDDEN),
        ("http://:99999999/", Reason.MALFORMED),
    ],
)
async def test_redirect_where_it_may_not_go(
    location: str, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other scheme, no loopback but the very address configured, nothing inside the cable."""
    async with serving(page(b"", "302 Found", f"Location: {location}")) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert result.reason is reason, result.working


async def test_unresolvable_redirect_says_the_name() -> None:
    """A redirect to a name that nobody knows is a matter of names."""
    async with serving(page(b"", "302 Found", "Location: http://nowhere.invalid/")) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert result.reason is Reason.NAME
    assert "nowhere.invalid" in result.working[-1]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://a b/", "http:///x", "https://["])
async def test_url_that_is_none(url: str) -> None:
    """What slipped past the inventory's own check is refused without a packet."""
    options = HttpCheck.model_construct(**{**HttpCheck().model_dump(), "url": url})
    result = await ordinary_probe().check(TARGET, options, 1)
    assert result.reason in (Reason.FORBIDDEN, Reason.MALFORMED, Reason.NAME)


async def test_password_stays_with_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name and password go to the configured origin only, and are never shown."""
    heads: list[bytes] = []

    def remember(location: str) -> Answer:
        async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
            heads.append(request.lower())
            status = f"302 Found\r\nLocation: {location}" if location else "200 OK"
            writer.write(f"HTTP/1.1 {status}\r\nSet-Cookie: s=1\r\n".encode())
            writer.write(b"Content-Length: 0\r\n\r\n")

        return answer

    async with AsyncExitStack() as servers:
        elsewhere = await servers.enter_async_context(serving(remember("")))
        onward = remember(f"http://127.0.0.1:{elsewhere}/")
        port = await servers.enter_async_context(serving(onward))
        result = await check(f"http://mon:s3cret@127.0.0.1:{port}/")
    assert result.ok, result.working
    assert b"authorization: basic bw9uonmzy3jlda==" in heads[0]
    assert b"authorization" not in heads[1]
    assert b"cookie" not in heads[1]
    assert "s3cret" not in str(result.working)


async def test_name_that_rebinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that turns out to be loopback is refused; `localhost` itself is not."""

    def loopback(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", loopback)
    async with serving(page(b"secret")) as port:
        evil = await check(f"http://portal.example.vn:{port}/")
        local = await check(f"http://localhost:{port}/")
    assert (evil.reason, local.ok) == (Reason.FORBIDDEN, True)


async def test_second_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose first address refuses is asked at its second."""

    async def two(self: Lookup, host: str) -> tuple[str, ...]:
        return ("127.0.0.9", "127.0.0.1")

    monkeypatch.setattr(Lookup, "permitted", two)
    async with serving(page(b"")) as port:
        result = await check(f"http://portal.example.vn:{port}/")
    assert result.ok
    assert "127.0.0.1 answered with status 200." in result.working


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this machine trusts for the length of the test."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """What a server needs to show the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def test_https(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted certificate passes by name, the TLS phase is measured, the name is sent."""
    context = server_context(authority.issue_cert("localhost"))
    named: list[str | None] = []
    context.sni_callback = lambda _, name, __: named.append(name)
    async with serving(page(b"ok"), context) as port:
        result = await check(f"https://localhost:{port}/", probe=HttpProbe())
    assert result.ok, result.working
    assert values(result)["http_response_seconds/tls"] > 0
    assert named[-1] == "localhost"


async def test_https_that_nobody_vouches_for(authority: trustme.CA) -> None:
    """An unknown issuer and a wrong host are `tls`, in words, unless verification is switched off."""
    foreign = server_context(trustme.CA().issue_cert("127.0.0.1"))
    wrong = server_context(authority.issue_cert("other.example.vn"))
    async with serving(page(b"ok"), foreign) as one, serving(page(b"ok"), wrong) as two:
        probe = HttpProbe()
        unknown = await check(f"https://127.0.0.1:{one}/", probe=probe)
        misnamed = await check(f"https://127.0.0.1:{two}/", probe=probe)
        unverified = await check(f"https://127.0.0.1:{one}/", probe=probe, verify_tls=False)
    assert (unknown.reason, misnamed.reason) == (Reason.TLS, Reason.TLS)
    assert "issuer is not known" in unknown.working[-1]
    assert "made out for another address" in misnamed.working[-1]
    assert unverified.ok


async def test_https_where_plain_http_speaks() -> None:
    """Plain HTTP on an https address is named as what it is."""
    async with serving(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"), until=b"\x01") as port:
        result = await check(f"https://127.0.0.1:{port}/")
    assert result.reason is Reason.TLS
    assert "does not speak TLS" in result.working[-1]


async def test_what_a_server_says_is_made_safe() -> None:
    """Escape sequences in a redirect do not reach the terminal."""
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: ftp://\xe2\x80\xae/\x1b[31m\r\nContent-Length: 0\r\n\r\n"
    )
    async with serving(raw(answer)) as port:
        result = await check(f"http://127.0.0.1:{port}/")
    assert not result.ok
    assert all("\x1b" not in line and "\u202e" not in line for line in result.working)
