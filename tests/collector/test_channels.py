"""The trial that every channel passes, against real servers, and what is special to each."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default as email_policy
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.channel import Channel, Message, SendFailure, classify
from collector.channels import CHANNELS
from collector.channels.alertmanager import AlertmanagerChannel, AlertmanagerSettings
from collector.serving import serving
from tests.collector.fakes import IMAGE, SCRIPT, START

pytestmark = pytest.mark.anyio

INCIDENT = {
    "id": "20261123-0213-aaaa",
    "state": "open",
    "severity": "critical",
    "cause": "device:switch",
    "site": "bac-binh",
    "rule": "snmp_silent",
    "since": START,
    "resolved_at": None,
    "affected": ["room", "pc"],
    "acknowledged_by": "",
    "note": "",
    "url": "https://giamsat.lapthach.example/incidents/20261123-0213-aaaa",
    "words": {
        "vi": {"headline": "Bộ chuyển mạch không trả lời", "reason": "…", "advice": "Thay quạt."},
        "en": {"headline": IMAGE, "reason": "…", "advice": "Replace the fan."},
    },
}
MESSAGE = Message(
    subject="Nghiêm trọng: bộ chuyển mạch không trả lời",
    text="Bộ chuyển mạch không trả lời\nhttps://giamsat.lapthach.example/incidents/1",
    html="<h2>Bộ chuyển mạch không trả lời</h2><p>https://giamsat.lapthach.example/incidents/1</p>",
    data={"about": "opened", "incidents": [INCIDENT]},
)


@dataclass
class Server:
    """A server of the test's own. behave: ok, refuse, busy or unknown (it does not know us)."""

    port: int = 0
    behave: str = "ok"
    got: list[dict[str, Any]] = field(default_factory=list)


class _Handler:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self._server.behave == "refuse":
            return "550 no such person here"
        if self._server.behave == "busy":
            return "451 come again later"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = cast(bytes, envelope.content)
        self._server.got.append({"to": envelope.rcpt_tos, "raw": content})
        return "250 taken"


@asynccontextmanager
async def mail_server() -> AsyncIterator[Server]:
    server = Server()

    def make() -> SMTP:
        def nobody(*_: Any) -> AuthResult:
            return AuthResult(success=server.behave != "unknown", handled=False)

        return SMTP(
            _Handler(server), enable_SMTPUTF8=True, authenticator=nobody, auth_require_tls=False
        )

    listening = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


@asynccontextmanager
async def web_server() -> AsyncIterator[Server]:
    server = Server()

    async def hook(request: Request) -> Response:
        status = {"ok": 200, "refuse": 404, "busy": 503, "unknown": 401}.get(server.behave)
        if status is None:
            return RedirectResponse("/elsewhere", 307)
        server.got.append(
            {
                "body": await request.json(),
                "headers": dict(request.headers),
                "query": dict(request.query_params),
            }
        )
        return Response(status_code=status)

    async def elsewhere(request: Request) -> Response:
        server.got.append({"elsewhere": True})
        return Response()

    routes = [
        Route("/hook", hook, methods=["POST"]),
        Route("/alerts/api/v2/alerts", hook, methods=["POST"]),
        Route("/elsewhere", elsewhere, methods=["POST"]),
    ]
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    with listening:
        async with serving(Starlette(routes=routes), [listening]):
            yield server


def email_settings(port: int) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "user": "monitor",
        "password": "smtp-canary",
        "from": "giamsat@lapthach.example",
    }


def webhook_settings(port: int) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{port}/hook?room=it", "token": "hook-canary"}


def alertmanager_settings(port: int) -> dict[str, Any]:
    return {
        "url": f"http://127.0.0.1:{port}/alerts/",
        "user": "ltmon",
        "password": "alertmanager-canary",
        "expires": "200s",
    }


Place = tuple[str, Callable[[], Any], Callable[[int], dict[str, Any]], str]
PLACES: list[Place] = [
    ("email", mail_server, email_settings, "hoa@lapthach.example"),
    ("webhook", web_server, webhook_settings, "hoa"),
    ("alertmanager", web_server, alertmanager_settings, "alertmanager"),
]


def channel(kind: str, settings: dict[str, Any]) -> Channel:
    return CHANNELS[kind].model_validate(settings).open()


def test_the_trial_knows_every_channel() -> None:
    """A new channel has to pass it, too."""
    assert [place[0] for place in PLACES] == list(CHANNELS)


@pytest.mark.parametrize("place", PLACES, ids=list(CHANNELS))
async def test_delivers(place: Place) -> None:
    """What the server took is sent, once, with the words in it."""
    kind, serve, settings, to = place
    async with serve() as server:
        outcome = await channel(kind, settings(server.port)).send(MESSAGE, to)
    assert outcome.sent
    assert not outcome.may_retry
    assert len(server.got) == 1


@pytest.mark.parametrize("place", PLACES, ids=list(CHANNELS))
@pytest.mark.parametrize(
    ("behave", "failure", "may_retry"),
    [
        ("refuse", SendFailure.REFUSED, False),
        ("busy", SendFailure.BUSY, True),
        ("unknown", SendFailure.CREDENTIALS, True),
    ],
)
async def test_says_why_not(
    place: Place, behave: str, failure: SendFailure, may_retry: bool
) -> None:
    """A refusal for good is not tried again; a server that is busy, or does not know us, is."""
    kind, serve, settings, to = place
    async with serve() as server:
        server.behave = behave
        outcome = await channel(kind, settings(server.port)).send(MESSAGE, to)
    assert (outcome.failure, outcome.may_retry) == (failure, may_retry)
    assert outcome.detail


@pytest.mark.parametrize("place", PLACES, ids=list(CHANNELS))
async def test_nobody_there(place: Place) -> None:
    """A server that is away may be back."""
    kind, _, settings, to = place
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = await channel(kind, settings(port)).send(MESSAGE, to)
    assert (outcome.failure, outcome.may_retry) == (SendFailure.UNREACHABLE, True)


class _Listener(logging.Handler):
    """What a handler of the root logger gets, as the process' own log has one."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.name} {record.getMessage()}")


@pytest.mark.parametrize("place", PLACES, ids=list(CHANNELS))
async def test_nothing_of_a_message_gets_into_the_log(place: Place) -> None:
    """Neither a password nor a message, not even at debug level."""
    kind, serve, settings, to = place
    listener, root = _Listener(), logging.getLogger()
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        async with serve() as server:
            server.behave = "refuse"
            outcome = await channel(kind, settings(server.port)).send(MESSAGE, to)
    finally:
        root.removeHandler(listener)
        root.setLevel(before)
    seen = " ".join([*listener.seen, outcome.detail])
    assert listener.seen
    assert "canary" not in seen
    assert "chuyển mạch" not in seen


async def test_mail_in_two_forms() -> None:
    """One recipient, a subject in Vietnamese, the text for a simple phone and the HTML beside it."""
    async with mail_server() as server:
        await channel("email", email_settings(server.port)).send(MESSAGE, "hoa@lapthach.example")
    mail = message_from_bytes(server.got[0]["raw"], policy=email_policy)
    assert server.got[0]["to"] == ["hoa@lapthach.example"]
    assert mail["subject"] == MESSAGE.subject
    assert mail["from"] == "Lap Thach Monitor <giamsat@lapthach.example>"
    assert "giamsat.lapthach.example/incidents/1" in part_of(mail, "plain")
    assert "<h2>" in part_of(mail, "html")


def part_of(mail: Mail, kind: str) -> str:
    body = cast(Any, mail).get_body(preferencelist=(kind,))
    return str(body.get_content())


@pytest.mark.parametrize(
    "subject",
    [
        "Chết\r\nBcc: all@evil.example",
        "x\nSubject: other",
        "x\r\n\r\nbody",
        "a\0b",
        "=?utf-8?q?x?=\r\nTo: y",
    ],
)
async def test_a_device_writes_no_headers(subject: str) -> None:
    """Whatever a device is called, the mail has the headers and recipients that we gave it."""
    hostile = Message(subject, "text", f"<p>{SCRIPT}</p>".replace("<script>", "&lt;script&gt;"))
    async with mail_server() as server:
        outcome = await channel("email", email_settings(server.port)).send(
            hostile, "hoa@lapthach.example"
        )
    assert outcome.sent
    mail = message_from_bytes(server.got[0]["raw"], policy=email_policy)
    assert server.got[0]["to"] == ["hoa@lapthach.example"]
    assert mail["bcc"] is None
    assert mail["to"] == "hoa@lapthach.example"
    assert len(mail.get_all("subject", [])) == 1


@pytest.mark.parametrize(
    "to",
    [
        "hoa@lapthach.example, all@evil.example",
        "hoa@lapthach.example\r\nBcc: all@evil.example",
        "Hoa <hoa@lapthach.example>",
        "hoa@lapthach.example?cc=all@evil.example",
        "not an address",
        "",
    ],
)
async def test_one_address_is_one_recipient(to: str) -> None:
    """An address that could be read as several, or as more, is not tried at all."""
    outcome = await channel("email", email_settings(9)).send(MESSAGE, to)
    assert (outcome.failure, outcome.may_retry) == (SendFailure.MISCONFIGURED, False)


async def test_webhook_document() -> None:
    """Words for people and data for programs, with the token and to the address of the config."""
    async with web_server() as server:
        await channel("webhook", webhook_settings(server.port)).send(MESSAGE, IMAGE)
    got = server.got[0]
    assert got["body"]["title"] == MESSAGE.subject
    assert got["body"]["message"] == MESSAGE.text
    assert (got["body"]["about"], got["body"]["to"]) == ("opened", IMAGE)
    assert got["body"]["incidents"] == [INCIDENT]
    assert got["headers"]["authorization"] == "Bearer hook-canary"
    assert got["query"] == {"room": "it"}
    assert json.dumps(got["body"])


async def test_webhook_follows_nobody() -> None:
    """A redirect would carry the token to where somebody else wants it."""
    async with web_server() as server:
        server.behave = "redirect"
        outcome = await channel("webhook", webhook_settings(server.port)).send(MESSAGE, "x")
    assert outcome.failure is SendFailure.REFUSED
    assert server.got == []


async def test_alerts() -> None:
    """Labels to group by, words as annotations, a time until which it holds; then its end."""
    async with web_server() as server:
        settings = AlertmanagerSettings.model_validate(alertmanager_settings(server.port))
        now = [START + 60.0]
        opened = AlertmanagerChannel(settings, clock=lambda: now[0])
        assert (await opened.send(MESSAGE, "alertmanager")).sent
        worse = Message("", "", "", {"incidents": [{**INCIDENT, "severity": "warning"}]})
        assert (await opened.send(worse, "alertmanager")).sent
        over = {**INCIDENT, "severity": "warning", "resolved_at": START + 90.0}
        now[0] += 60.0
        assert (await opened.send(Message("", "", "", {"incidents": [over]}), "x")).sent
    first, second, third = (got["body"] for got in server.got)
    assert server.got[0]["headers"]["authorization"].startswith("Basic ")
    assert first[0]["labels"] == {
        "alertname": "LtmonSnmpSilent",
        "source": "collector",
        "incident": "20261123-0213-aaaa",
        "rule": "snmp_silent",
        "severity": "critical",
        "cause": "device:switch",
        "site": "bac-binh",
        "device": "switch",
    }
    assert first[0]["annotations"]["summary"] == "Bộ chuyển mạch không trả lời"
    assert first[0]["annotations"]["summary_en"] == IMAGE
    assert first[0]["annotations"]["affected"] == "room, pc"
    assert first[0]["generatorURL"] == first[0]["annotations"]["link"] == INCIDENT["url"]
    assert moment(first[0]["startsAt"]) == START
    assert moment(first[0]["endsAt"]) == START + 60.0 + 200.0
    assert [a["labels"]["severity"] for a in second] == ["critical", "warning"]
    assert moment(second[0]["endsAt"]) == START + 60.0  # what it was called before has ended
    assert [moment(alert["endsAt"]) for alert in third] == [START + 90.0]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def test_an_alert_of_a_fast_clock_is_valid() -> None:
    """A start after the end would be refused, whatever the machines' clocks say."""
    async with web_server() as server:
        settings = AlertmanagerSettings.model_validate(alertmanager_settings(server.port))
        slow = AlertmanagerChannel(settings, clock=lambda: START - 500.0)
        over = {**INCIDENT, "resolved_at": START + 90.0}
        await slow.send(MESSAGE, "x")
        await slow.send(Message("", "", "", {"incidents": [over]}), "x")
    spans = [(moment(a["startsAt"]), moment(a["endsAt"])) for g in server.got for a in g["body"]]
    assert spans == [(START - 500.0, START - 300.0), (START - 500.0, START - 500.0)]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("webhook", {"url": "ftp://x.example/"}),
        ("webhook", {"url": "file:///etc/passwd"}),
        ("webhook", {"url": "https://user:secret@x.example/"}),
        ("webhook", {"url": "https://"}),
        ("email", {"host": "mail", "from": "a@b.example, c@d.example"}),
        ("email", {"host": "mail", "from": "a@b.example", "port": 0}),
        ("alertmanager", {"url": "http://user:secret@x.example/"}),
        ("alertmanager", {"url": "http://x.example/", "expires": "5s"}),
        ("email", {"host": "mail"}),
        ("email", {"host": "mail", "from": "a@b.example", "hots": "x"}),
    ],
)
def test_settings_that_are_refused(kind: str, settings: dict[str, Any]) -> None:
    """What makes no sense is said when the config is read."""
    with pytest.raises(ValidationError):
        CHANNELS[kind].model_validate(settings)


async def test_settings_that_apprise_refuses() -> None:
    """What only the library finds out is an outcome, not an exception."""
    settings = {**email_settings(25), "host": ""}
    outcome = await channel("email", {**settings, "from": "a@b"}).send(
        MESSAGE, "hoa@lapthach.example"
    )
    assert not outcome.sent


def test_log_lines_that_say_nothing() -> None:
    """Without a hint the server counts as unreachable, which is tried again."""
    assert classify([]).failure is SendFailure.UNREACHABLE
    assert classify(["odd"]).detail == "odd"
    assert classify(["x (421, b'closing')"]).failure is SendFailure.BUSY
