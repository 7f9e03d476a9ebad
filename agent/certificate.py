"""What is written in an X.509 certificate, and the two ways in which we meet one.

Only a few fields are read, straight from the DER bytes (RFC 5280 section 4.1), because Python's
`ssl` tells nothing about a certificate that it does not trust, and those are the ones to explain.
"""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

import certifi

from telemetry.labels import clean_text

_COMMON_NAME = bytes.fromhex("0603550403")  # OID 2.5.4.3


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who a certificate is for, who issued it, and between which instants it is good (UTC)."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime


def read_certificate(der: bytes) -> Certificate:
    """The certificate in `der`. Raises ValueError when it is not one; never anything else."""
    try:
        body = _children(_children(_element(der, 0)[1])[0][1])
        if body[0][0] == 0xA0:  # the version, left out by version 1
            body = body[1:]
        _, _, issuer, validity, subject = body[:5]
        not_before, not_after = (_time(*field) for field in _children(validity[1])[:2])
        return Certificate(_common_name(subject[1]), _common_name(issuer[1]), not_before, not_after)
    except (IndexError, OverflowError) as error:
        raise ValueError("not an X.509 certificate") from error


def _element(data: bytes, start: int) -> tuple[int, bytes, int]:
    """Tag, content and end of the DER element at `start`."""
    tag, length, begin = data[start], data[start + 1], start + 2
    if length >= 0x80:
        begin += length & 0x7F
        length = int.from_bytes(data[start + 2 : begin], "big")
    if begin + length > len(data):
        raise ValueError("a DER element is longer than what holds it")
    return tag, data[begin : begin + length], begin + length


def _children(content: bytes) -> list[tuple[int, bytes]]:
    found, position = [], 0
    while position < len(content):
        tag, inner, position = _element(content, position)
        found.append((tag, inner))
    return found


def _time(tag: int, content: bytes) -> datetime:
    """UTCTime has two digits for the year; from 50 on, the 1900s (RFC 5280 section 4.1.2.5)."""
    text = content.decode("ascii")
    if tag == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _common_name(name: bytes) -> str:
    for _, relative in _children(name):
        for _, attribute in _children(relative):
            if attribute.startswith(_COMMON_NAME):
                return clean_text(_children(attribute)[1][1])
    return "(no common name)"


def trusting_context() -> ssl.SSLContext:
    """A client's context that verifies, by this machine's own roots and the public ones together.

    The machine's store holds the authority of the province or the building; a slim container has
    none, so the well-known public roots are added.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def curious_context() -> ssl.SSLContext:
    """A client's context that verifies nothing and takes any version, to read what is there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def fingerprint(connection: ssl.SSLObject) -> str:
    """SHA-256 of the server's own certificate, 64 small hexadecimal digits; empty when it showed none."""
    der = connection.getpeercert(binary_form=True)
    return hashlib.sha256(der).hexdigest() if der else ""


def shown_chain(connection: ssl.SSLObject) -> tuple[Certificate, ...]:
    """The certificates of a handshake, the server's own first.

    When it was verified: the chain that was built, up to the root. Else what the server sent.
    Until Python 3.13 made it public, the chain hangs on an inner object; without either, the
    server's own certificate alone.
    """
    inner = connection if hasattr(connection, "get_unverified_chain") else connection._sslobj  # type: ignore[attr-defined]
    verified = connection.context.verify_mode is not ssl.CERT_NONE
    method = "get_verified_chain" if verified else "get_unverified_chain"
    chain = getattr(inner, method, lambda: None)()
    if not chain:
        chain = [connection.getpeercert(binary_form=True)]
    return tuple(read_certificate(_der(certificate)) for certificate in chain)


def _der(certificate: object) -> bytes:
    if isinstance(certificate, bytes):
        return certificate
    text: str = certificate.public_bytes()  # type: ignore[attr-defined]
    return ssl.PEM_cert_to_DER_cert(text)
