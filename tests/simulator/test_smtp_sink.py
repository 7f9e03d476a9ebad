"""A mail sent over real SMTP is kept and told."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage

import pytest

from simulator.smtp_sink import Mail, SmtpSink

pytestmark = pytest.mark.anyio


def send(port: int) -> None:
    message = EmailMessage()
    message["Subject"] = "Nghiêm trọng: Bộ chuyển mạch\u202e không trả lời"
    message["From"] = "giam-sat@lap-thach.example"
    message["To"] = "cntt@lap-thach.example"
    message.set_content("Thiết bị không trả lời.\n")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)


async def test_a_mail_arrives() -> None:
    """Subject and text are decoded, and cleaned of what could turn a terminal's text round."""
    told: list[Mail] = []
    async with SmtpSink(told.append) as sink:
        await asyncio.to_thread(send, sink.port)
    assert told == sink.mails
    assert told == [
        Mail(
            sender="giam-sat@lap-thach.example",
            to=("cntt@lap-thach.example",),
            subject="Nghiêm trọng: Bộ chuyển mạch không trả lời",
            text="Thiết bị không trả lời.",
        )
    ]
