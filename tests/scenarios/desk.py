"""Somebody's desk: the mails and webhook calls that really arrived there."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from simulator.smtp_sink import SmtpSink


class MailDesk(SmtpSink):
    """A mail server; while `refusing` it asks to come again later."""

    def __init__(self) -> None:
        super().__init__()
        self.refusing = False
        self.refused = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Takes a mail in, or not."""
        if self.refusing:
            self.refused += 1
            return "451 not now"
        return await super().handle_DATA(server, session, envelope)

    @property
    def subjects(self) -> list[str]:
        """What the mails are about, in the order in which they came."""
        return [mail.subject for mail in self.mails]


class HookDesk:
    """A web server that keeps what is POSTed to it, and has a page. Use as an asynchronous context."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> HookDesk:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = {
            name.lower(): value
            for name, _, value in (h.partition(": ") for h in head.split("\r\n"))
        }
        if head.startswith("POST"):
            body = await reader.readexactly(int(fields["content-length"]))
            self.calls.append(json.loads(body))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
