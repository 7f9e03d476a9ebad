"""A mail server on loopback that keeps what it gets, so that the demo can show a mail that arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from telemetry.labels import clean_text


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it came in: decoded and cleaned of what could disturb a terminal."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str


class SmtpSink:
    """Listens on 127.0.0.1; `port` is known after the start. Calls `on_mail` for each mail.

    Use as an asynchronous context.
    """

    def __init__(self, on_mail: Callable[[Mail], None] | None = None) -> None:
        self.mails: list[Mail] = []
        self._on_mail = on_mail
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> SmtpSink:
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(self, hostname="localhost", enable_SMTPUTF8=True, loop=loop)

        self._server = await loop.create_server(session, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Takes a mail in."""
        mail = _read(envelope)
        self.mails.append(mail)
        if self._on_mail is not None:
            self._on_mail(mail)
        return "250 OK"


def _read(envelope: Envelope) -> Mail:
    content = envelope.content or b""
    raw = content.encode() if isinstance(content, str) else content
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain", "html"))
    return Mail(
        sender=clean_text(envelope.mail_from or ""),
        to=tuple(clean_text(address) for address in envelope.rcpt_tos),
        subject=clean_text(str(message["subject"] or "")),
        text=clean_text(body.get_content() if body else "", limit=4000),
    )
