"""What listens at the simulated hosts: pages over HTTP and TLS, bare TCP, and relays to real servers."""

from __future__ import annotations

import asyncio
import contextlib
import html
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import trustme

from simulator.codec import converse
from simulator.host import TcpService

_HEAD_LIMIT = 16_384
_PATIENCE_SECONDS = 30.0
_CHUNK = 65_536

# Visitors go away, and the loop ends: Python 3.11's streams complain about a handler that is cancelled.
_FAREWELLS = (
    OSError,
    TimeoutError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
    asyncio.CancelledError,
)


class Certificates:
    """An authority of our own. `bundle` is the PEM file that clients must trust, written by `save`."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="Lap Thach Monitor demo")
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    def save(self, path: Path) -> None:
        """Writes the authority's certificate."""
        self._authority.cert_pem.write_to_path(str(path))

    def context(self, names: Sequence[str]) -> ssl.SSLContext:
        """A server's context with a certificate for these names and addresses."""
        key = tuple(names)
        if key not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(*(name for name in names if name)).configure_cert(context)
            self._contexts[key] = context
        return self._contexts[key]


def _always() -> bool:
    return True


async def listen(
    service: TcpService,
    listener: socket.socket,
    certificates: Certificates,
    reached: Callable[[], bool] = _always,
) -> asyncio.Server:
    """Begins to serve `service` on a listening socket. The caller closes the server.

    reached: whether a visitor gets through; one who does not is kept waiting without a word.
    """
    secure = service.scheme in ("https", "xapi")
    context = certificates.context(service.names) if secure else None

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(None if service.relay_to else _PATIENCE_SECONDS):
                if not reached():
                    await asyncio.Event().wait()
                if not service.closed:
                    await _converse(service, reader, writer)
            writer.close()
            await writer.wait_closed()
        except _FAREWELLS:
            writer.transport.abort()

    return await asyncio.start_server(accept, sock=listener, ssl=context, limit=_HEAD_LIMIT)


async def _converse(
    service: TcpService, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if service.relay_to is not None:
        await _relay(service.relay_to, reader, writer)
    elif service.codec is not None:
        await converse(service.codec, reader, writer, time.time)
    elif service.scheme == "tcp":
        await reader.read(1)
    else:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(_page(service, _name_asked(head)))
        await writer.drain()


def _name_asked(head: bytes) -> str:
    """The name in the Host field of a request, without a port."""
    for line in head.decode("latin-1").split("\r\n"):
        field, _, value = line.partition(":")
        if field.lower() == "host":
            return value.strip().partition(":")[0].lower()
    return ""


def _page(service: TcpService, name: str) -> bytes:
    """A whole HTTP answer of the page that goes by `name`."""
    well = name not in service.failing
    status = "200 OK" if well else "503 Service Unavailable"
    title = html.escape(service.title)
    text = html.escape(service.contains) if well else "Hệ thống đang bảo trì"
    body = (
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{text}</p></html>\n"
    ).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


async def _relay(
    place: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Hands bytes on in both directions until either side is done."""
    far_reader, far_writer = await asyncio.open_connection(*place)
    ways = [
        asyncio.create_task(_pump(reader, far_writer)),
        asyncio.create_task(_pump(far_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        far_writer.close()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
