"""A codec for tests: answers `getxml` over real TLS as the software of two ages does.

The documents are written after the shape of Cisco's API guides for TC7 (2014) and CE9 (2017).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "monitor", "m\u1eadt-kh\u1ea9u:1"

_HEAD = '<?xml version="1.0"?>\n<Status product="Cisco Codec" version="{}" apiVersion="{}">'
TC7 = _HEAD.format("TC7.3.21.4f33ee8", 1) + "{}</Status>"
CE9 = _HEAD.format("ce9.15.13", 4) + "{}</Status>"

TC7_UNIT = """
  <SystemUnit item="1">
    <ProductType item="1">Cisco Codec</ProductType>
    <ProductId item="1">Cisco TelePresence Codec C40</ProductId>
    <ProductPlatform item="1">C40</ProductPlatform>
    <Uptime item="1">1234567</Uptime>
    <Software item="1"><Version item="1">TC7.3.21.4f33ee8</Version></Software>
    <Hardware item="1">
      <Module item="1"><SerialNumber item="1">B1AB23C00123</SerialNumber></Module>
      <Temperature item="1">61.5</Temperature>
      <TemperatureThreshold item="1">92</TemperatureThreshold>
    </Hardware>
    <State item="1"><NumberOfActiveCalls item="1">{calls}</NumberOfActiveCalls></State>
  </SystemUnit>"""
CE9_UNIT = """
  <SystemUnit>
    <BroadcastName>Phong hop</BroadcastName>
    <Hardware>
      <Module><CompatibilityLevel>0</CompatibilityLevel><SerialNumber>FTT2241014N</SerialNumber></Module>
      <Monitoring><Temperature><Status>Normal</Status></Temperature></Monitoring>
    </Hardware>
    <ProductId>Cisco TelePresence SX20</ProductId>
    <Software><DisplayName>ce 9.15.13</DisplayName><Version>ce9.15.13.5ee2c1a</Version></Software>
    <State><NumberOfActiveCalls>{calls}</NumberOfActiveCalls></State>
    <Uptime>86400</Uptime>
  </SystemUnit>"""


def channel(
    item: int, direction: str, kind: str, packets: int, loss: int, jitter: int, **more: object
) -> str:
    """One channel of a call; `last` is (received, lost) of the last seconds, `role` of a picture."""
    last = more.get("last")
    recent = (
        f"<LastIntervalLost>{last[1]}</LastIntervalLost>"  # type: ignore[index]
        f"<LastIntervalReceived>{last[0]}</LastIntervalReceived>"  # type: ignore[index]
        if last
        else ""
    )
    role = f"<Video><ChannelRole>{more['role']}</ChannelRole></Video>" if "role" in more else ""
    return (
        f'<Channel item="{item}"><Direction>{direction}</Direction><Type>{kind}</Type>{role}'
        f"<Netstat><Bytes>1</Bytes><ChannelRate>64000</ChannelRate><Drop>0</Drop>"
        f"<Jitter>{jitter}</Jitter>{recent}<Loss>{loss}</Loss><MaxJitter>40</MaxJitter>"
        f"<Packets>{packets}</Packets></Netstat></Channel>"
    )


def media(*channels: str) -> str:
    return f'<MediaChannels><Call item="27">{"".join(channels)}</Call></MediaChannels>'


def tc7(calls: int = 0, **places: str) -> dict[str, str]:
    """An old codec: SIP under a profile, cameras beside one another, numbers at every element."""
    own = {
        "SystemUnit": TC7_UNIT.format(calls=calls),
        "SIP": '<SIP item="1"><Profile item="1"><Registration item="1">'
        '<Status item="1">Registered</Status></Registration></Profile></SIP>',
        "H323": "<H323><Gatekeeper><Status>Inactive</Status></Gatekeeper></H323>",
        "Camera": '<Camera item="1"><Connected item="1">True</Connected></Camera>'
        '<Camera item="2"><Connected item="1">False</Connected></Camera>',
        "MediaChannels": "",
        "Peripherals": "",
        "Audio": '<Audio><Input><Connectors><Microphone item="1"><ConnectionStatus>Connected'
        '</ConnectionStatus></Microphone><Microphone item="2"><ConnectionStatus>NotConnected'
        "</ConnectionStatus></Microphone></Connectors></Input></Audio>",
        **places,
    }
    return {f"/Status/{name}": TC7.format(body) for name, body in own.items()}


def ce9(calls: int = 0, **places: str) -> dict[str, str]:
    """A newer codec; it knows /Status/Webex and answers nothing at unknown places."""
    own = {
        "SystemUnit": CE9_UNIT.format(calls=calls),
        "SIP": '<SIP><Registration item="1"><Reason></Reason><Status>Registered</Status>'
        "<URI>x@y</URI></Registration></SIP>",
        "H323": "<H323><Gatekeeper><Status>Inactive</Status></Gatekeeper></H323>",
        "Webex": "<Webex><Status>Disabled</Status></Webex>",
        "Cameras": '<Cameras><Camera item="1"><Connected>True</Connected></Camera></Cameras>',
        "Camera": "",
        "Audio": "<Audio><Microphones><Mute>Off</Mute></Microphones></Audio>",
        "Peripherals": '<Peripherals><ConnectedDevice item="1003"><Name>Cisco Touch 10</Name>'
        "<Status>Connected</Status><Type>TouchPanel</Type></ConnectedDevice></Peripherals>",
        "MediaChannels": "",
        **places,
    }
    return {f"/Status/{name}": CE9.format(body) for name, body in own.items()}


@dataclass
class FakeCodec:
    """documents: by location; a location that is not there gets 404. raw: bytes sent instead of any answer.

    asked: the locations in order; connections: how many were opened; logins: what came as authorization.
    """

    documents: Mapping[str, str] = field(default_factory=ce9)
    raw: bytes | None = None
    endless: bytes = b""
    asked: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(self._answer(head) if self.raw is None else self.raw)
            while self.endless:
                writer.write(self.endless)
                await writer.drain()
            await writer.drain()

    def _answer(self, head: str) -> bytes:
        lines = head.split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        login = base64.b64decode(fields.get("Authorization", "Basic ").split()[-1]).decode()
        self.logins.append(login)
        location = parse_qs(urlsplit(lines[0].split(" ")[1]).query).get("location", [""])[0]
        self.asked.append(location)
        if login != f"{USER}:{PASSWORD}":
            return _answer("401 Unauthorized", "<html>Unauthorized</html>")
        document = self.documents.get(location)
        return _answer("404 Not Found", "") if document is None else _answer("200 OK", document)


def _answer(status: str, body: str) -> bytes:
    raw = body.encode()
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(raw)}\r\n\r\n".encode()
        + raw
    )


@asynccontextmanager
async def codec_running(codec: FakeCodec, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """The codec on a free port of loopback, which is given; without context in plain HTTP."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await codec.converse(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
