"""E-mail over SMTP (RFC 5321), in plain text and HTML."""

from __future__ import annotations

import re
import warnings
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from collector.channel import (
    Channel,
    ChannelSettings,
    Message,
    Outcome,
    SendFailure,
    Service,
    send_by_apprise,
)
from inventory.credentials import Secret
from inventory.fields import expected
from telemetry.labels import clean_text

with warnings.catch_warnings():
    # Its support for PGP, which we do not use, imports a module that Python 3.13 no longer has.
    warnings.simplefilter("ignore", DeprecationWarning)
    from apprise.plugins.email import NotifyEmail

# Narrower than RFC 5322 on purpose: no quoted local parts, no comments, no lists, so that one
# address is one recipient whoever parses it.
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise expected("expected one e-mail address such as it@lapthach.example")
    return text


Address = Annotated[str, AfterValidator(_address)]


class EmailSettings(ChannelSettings):
    """The mail server to hand messages to. Without a user nothing is said about who we are."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    from_: Address = Field(alias="from")
    verify_tls: bool = True

    def open(self) -> Channel:
        """The channel that hands messages to this server."""
        return EmailChannel(self)


_MODES = {"starttls": "starttls", "tls": "ssl", "none": "insecure"}


class EmailChannel:
    """Sends one mail per recipient; nobody sees who else was told."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    async def send(self, message: Message, to: str) -> Outcome:
        """Hands the mail to the server; sent means that the server took it."""
        if not _ADDRESS.fullmatch(to):
            return Outcome(SendFailure.MISCONFIGURED, f"not an e-mail address: {clean_text(to)}")
        subject = clean_text(message.subject)
        return await send_by_apprise(self._service(to), subject, message.html, html=True)

    def _service(self, to: str) -> Service:
        settings = self._settings
        password = settings.password.reveal() if settings.password else None
        parts = {
            "secure": settings.security != "none",
            "host": settings.host,
            "smtp_host": settings.host,
            "port": settings.port,
            "user": settings.user,
            "password": password,
            "secure_mode": _MODES[settings.security],
            "verify": settings.verify_tls,
            "from_addr": f"Lap Thach Monitor <{settings.from_}>",
            "targets": [to],
        }
        return Service(NotifyEmail, parts)
