"""The contract of a notification channel, and the one boundary to Apprise.

A channel gets a finished message and one recipient and says what became of it; it never decides who
is told or when. Apprise answers only yes or no and logs the rest, so its log is read here and
nowhere else.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

import anyio.to_thread
from apprise import AppriseAsset, NotifyBase, NotifyFormat
from apprise.exception import AppriseException
from pydantic import AfterValidator

from inventory.document import StrictModel
from inventory.fields import expected
from telemetry.labels import clean_text


class SendFailure(StrEnum):
    """Why a message was not delivered; also the label of the metric."""

    UNREACHABLE = "unreachable"  # no connection, or it broke
    BUSY = "busy"  # the server asks to come again later
    CREDENTIALS = "credentials"  # the server does not know us
    REFUSED = "refused"  # this message or recipient will never be taken
    MISCONFIGURED = "misconfigured"  # the settings or the address make no sense
    BROKEN = "broken"  # a fault of ours; the log has it


# "May I try again?" apart from "what went wrong": wrong credentials are mended by a person while
# the message waits, a refused recipient is not.
MAY_RETRY = frozenset(SendFailure) - {SendFailure.REFUSED, SendFailure.MISCONFIGURED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message to one recipient. detail: the server's words, cleaned, for the
    log.
    """

    failure: SendFailure | None = None
    detail: str = ""

    @property
    def sent(self) -> bool:
        """True when the server took the message."""
        return self.failure is None

    @property
    def may_retry(self) -> bool:
        """True when the same message may succeed later."""
        return self.failure in MAY_RETRY


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to send, already in the recipient's language. data: the same for machines."""

    subject: str
    text: str
    html: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    """Delivers messages by one means. `send` never raises for what network or server do."""

    async def send(self, message: Message, to: str) -> Outcome:
        """Delivers to one recipient, or says why not."""
        ...


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise expected("expected an address that begins with http:// or https://")
    if parts.username or parts.password:
        raise expected("put the credential into a key of its own, not into the address")
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""Where a server of the config is; a credential in it would end up in logs."""


class ChannelSettings(StrictModel):
    """Base of a channel's settings in the collector's config."""

    @property
    def standing_recipients(self) -> tuple[str, ...]:
        """Recipients that are told everything without being a person of the inventory."""
        return ()

    @property
    def rationed(self) -> bool:
        """Whether too much at once becomes one digest later: people want that, programs do not."""
        return True

    @property
    def repeat_seconds(self) -> float | None:
        """How often it must hear again of what is still open, because it forgets; None: never."""
        return None

    def open(self) -> Channel:
        """The channel with these settings."""
        raise NotImplementedError


_ASSET = AppriseAsset(
    app_id="Lap Thach Monitor", app_desc="Lap Thach Monitor", app_url="", secure_logging=True
)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of Apprise, by its class (asking Apprise for it by name would load all 170 of
    them) and its parts, never as a URL: nothing that comes from a device or a person can turn into
    a host, a header or a further recipient.
    """

    plugin: type[NotifyBase]
    parts: Mapping[str, Any]


async def send_by_apprise(service: Service, title: str, body: str, html: bool) -> Outcome:
    """Sends through one service, in a thread: Apprise blocks."""
    return await anyio.to_thread.run_sync(_send, service, title, body, html)


def _send(service: Service, title: str, body: str, html: bool) -> Outcome:
    style = NotifyFormat.HTML if html else NotifyFormat.TEXT
    with _Ear() as ear:
        try:
            plugin = service.plugin(asset=_ASSET, **service.parts)
        except AppriseException as error:
            return Outcome(SendFailure.MISCONFIGURED, clean_text(str(error)))
        delivered = plugin.notify(body=body, title=title, body_format=style)
    return Outcome() if delivered else classify(ear.lines)


class _Ear(logging.Handler):
    """Hears what Apprise logs in this thread, for as long as it is entered.

    Apprise's records stop here: at debug level they hold whole messages, which belong in no log
    file.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._thread = threading.get_ident()
        self._logger = logging.getLogger("apprise")

    def __enter__(self) -> _Ear:
        self._logger.propagate = False
        self._logger.setLevel(logging.DEBUG)
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line when it is of this thread's send."""
        if record.thread == self._thread:
            self.lines.append(clean_text(record.getMessage()))


_SMTP_CODE = re.compile(r"(?:\((?:code=)?|refused: )([45]\d\d)\b")
_HTTP_CODE = re.compile(r"error=(\d{3})\b")


def classify(lines: list[str]) -> Outcome:
    """The outcome that Apprise's log lines of one failed send speak of."""
    for line in lines:
        if found := _HTTP_CODE.search(line):
            return Outcome(http_failure(int(found[1])), line)
        if found := _SMTP_CODE.search(line):
            return Outcome(_smtp_failure(int(found[1])), line)
    telling = [line for line in lines if line.startswith("Socket Exception")] or lines[-1:]
    return Outcome(SendFailure.UNREACHABLE, telling[0] if telling else "no answer")


def http_failure(code: int) -> SendFailure:
    """What an HTTP status other than 2xx says about trying again."""
    if code in (401, 403):
        return SendFailure.CREDENTIALS
    if code in (408, 425, 429) or code >= 500:
        return SendFailure.BUSY
    return SendFailure.REFUSED


def _smtp_failure(code: int) -> SendFailure:
    """RFC 5321: 4xx is for now, 5xx for good; RFC 4954: 530, 534, 535, 538 are about the login."""
    if code in (530, 534, 535, 538):
        return SendFailure.CREDENTIALS
    return SendFailure.BUSY if code < 500 else SendFailure.REFUSED
