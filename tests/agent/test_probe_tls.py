"""The TLS probe against real handshakes, and the reading of certificates."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from agent.certificate import read_certificate
from agent.probe import Reason, Result, Target
from agent.probes.tls import TlsProbe
from inventory.check import TlsCheck

NOW = datetime.now(UTC).replace(microsecond=0)
TARGET = Target("portal", "office", "service", "127.0.0.1")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this machine trusts for the length of the test."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """What a server needs to show the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def serving(context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """The port of a TLS server on loopback (plain and talkative without a context)."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if context is None:
            writer.write(b"220 mail ready\r\n")
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def check(port: int, deadline: float = 5.0, **options: object) -> Result:
    """One check of this port."""
    probe = TlsProbe()
    result = await probe.check(TARGET, TlsCheck(port=port, **options), deadline)
    await probe.close()
    return result


def not_after(result: Result) -> float:
    """The one reading."""
    (reading,) = result.readings
    assert reading.metric == "tls_certificate_not_after_timestamp_seconds"
    return reading.value


def date_of(certificate: trustme.LeafCert) -> float:
    """What cryptography reads in the certificate."""
    pem = certificate.cert_chain_pems[0].bytes()
    return x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp()


@pytest.mark.anyio
async def test_good_certificate(authority: trustme.CA) -> None:
    """A trusted certificate passes; its date is the first of the chain to expire."""
    leaf = authority.issue_cert("127.0.0.1", not_after=NOW + timedelta(days=90))
    async with serving(context_of(leaf)) as port:
        result = await check(port)
    assert result.ok, result.working
    assert not_after(result) == date_of(leaf) == (NOW + timedelta(days=90)).timestamp()
    assert "in 89 days" in result.working[-1]


@pytest.mark.anyio
async def test_soon_to_expire(authority: trustme.CA) -> None:
    """Four weeks before the end the working says so; the check still passes."""
    leaf = authority.issue_cert("127.0.0.1", not_after=NOW + timedelta(days=10, hours=1))
    async with serving(context_of(leaf)) as port:
        result = await check(port)
    assert result.ok
    assert "expires in 10 days" in result.working[-1]


@pytest.mark.anyio
async def test_intermediate_expires_first(authority: trustme.CA) -> None:
    """The date is the chain's, not only the server's own."""
    leaf = authority.issue_cert("127.0.0.1", not_after=datetime(5000, 1, 1, tzinfo=UTC))
    ca = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    async with serving(context_of(leaf)) as port:
        result = await check(port)
    assert not_after(result) == min(date_of(leaf), ca.not_valid_after_utc.timestamp())
    assert not_after(result) < date_of(leaf)


@pytest.mark.anyio
async def test_expired(authority: trustme.CA) -> None:
    """An expired certificate fails as `tls`; its date is read all the same."""
    yesterday = NOW - timedelta(days=3)
    leaf = authority.issue_cert(
        "127.0.0.1", not_before=NOW - timedelta(days=30), not_after=yesterday
    )
    async with serving(context_of(leaf)) as port:
        result = await check(port)
    assert (result.reason, not_after(result)) == (Reason.TLS, yesterday.timestamp())
    assert any("expired 4 days ago" in line or "expired 3 days" in line for line in result.working)
    assert "has expired" in result.working[-1]


@pytest.mark.anyio
async def test_not_yet_valid(authority: trustme.CA) -> None:
    """A certificate of the future makes one think of one's own clock."""
    leaf = authority.issue_cert("127.0.0.1", not_before=NOW + timedelta(days=3))
    async with serving(context_of(leaf)) as port:
        result = await check(port)
    assert result.reason is Reason.TLS
    assert "is the clock of this machine right?" in result.working[-1]


@pytest.mark.anyio
async def test_wrong_host(authority: trustme.CA) -> None:
    """A certificate for another name fails as `tls`; asked for the right name it passes."""
    leaf = authority.issue_cert("mail.example.vn")
    async with serving(context_of(leaf)) as port:
        wrong = await check(port, server_name="portal.example.vn")
        right = await check(port, server_name="mail.example.vn")
    assert (wrong.reason, right.ok) == (Reason.TLS, True)
    assert not_after(wrong) == date_of(leaf)
    assert "another host name" in wrong.working[-1]


@pytest.mark.anyio
async def test_issuer_unknown() -> None:
    """A certificate that nobody here vouches for fails as `tls`, with its date."""
    leaf = trustme.CA().issue_cert("127.0.0.1", common_name="Cổng thông tin")
    async with serving(context_of(leaf)) as port:
        result = await check(port)
    assert (result.reason, not_after(result)) == (Reason.TLS, date_of(leaf))
    assert "issuer is not known" in result.working[-1]
    assert any("Certificate for Cổng thông tin, issued by" in line for line in result.working)


@pytest.mark.anyio
async def test_self_signed(tmp_path: Path) -> None:
    """A certificate that vouches for itself is called self-signed."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (tmp_path / "both.pem").write_bytes(ca.private_key_pem.bytes() + ca.cert_pem.bytes())
    context.load_cert_chain(tmp_path / "both.pem")
    async with serving(context) as port:
        result = await check(port)
    assert result.reason is Reason.TLS
    assert "self-signed" in result.working[-1]
    assert not_after(result) > NOW.timestamp()


@pytest.mark.anyio
async def test_no_tls_there() -> None:
    """A server that greets in plain text does not speak TLS."""
    async with serving(None) as port:
        result = await check(port)
    assert (result.reason, result.readings) == (Reason.TLS, ())
    assert "does not speak TLS" in result.working[-1]


@pytest.mark.anyio
async def test_closed_and_silent() -> None:
    """A closed port is refused; one that takes the connection and says nothing is a timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        late = await check(silent.getsockname()[1], deadline=0.5)
        port = silent.getsockname()[1]
    assert (late.reason, (await check(port)).reason) == (Reason.TIMEOUT, Reason.REFUSED)


LEAF = trustme.CA().issue_cert("portal.example.vn", common_name="portal.example.vn")
DER = ssl.PEM_cert_to_DER_cert(LEAF.cert_chain_pems[0].bytes().decode())


def test_reads_what_cryptography_reads() -> None:
    """Our reader agrees with a full one."""
    full = x509.load_der_x509_certificate(DER)
    ours = read_certificate(DER)
    assert ours.not_before == full.not_valid_before_utc
    assert ours.not_after == full.not_valid_after_utc
    assert ours.subject == "portal.example.vn"
    assert ours.issuer == "(no common name)"


def test_far_dates() -> None:
    """Dates from 2050 on are written in another form, and read."""
    far = datetime(2090, 1, 1, tzinfo=UTC)
    leaf = trustme.CA().issue_cert("a.vn", not_after=far)
    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    assert read_certificate(der).not_after == far


@given(st.binary(max_size=200))
def test_garbage_is_a_value_error(garbage: bytes) -> None:
    """Whatever bytes a server sends, nothing but ValueError comes of it."""
    with pytest.raises(ValueError):
        read_certificate(garbage)


@given(st.integers(0, len(DER) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(DER)))
def test_damage_is_a_value_error_or_a_certificate(at: int, with_: bytes, cut: int) -> None:
    """A damaged certificate is read or refused, never anything else."""
    damaged = (DER[:at] + with_ + DER[at + len(with_) :])[: cut or None]
    with suppress(ValueError):
        read_certificate(damaged)
