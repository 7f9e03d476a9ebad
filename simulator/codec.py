"""A simulated video-conference codec: answers `getxml` (xAPI) over one connection, as CE software does."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

USER, PASSWORD = "ltmon", "lap-thach-demo"
"""What its user for reading is called; the same at every simulated codec."""

_STREAMS = (("Incoming", "Audio", 50), ("Outgoing", "Audio", 50),
            ("Incoming", "Video", 180), ("Outgoing", "Video", 180))  # fmt: skip
"""Direction, kind and packets a second of a call's streams."""


@dataclass(slots=True)
class Codec:
    """What it says about itself. boot: when it started, seconds since 1970; called: since when it is in a
    call, None for none. loss: share of the call's packets lost.
    """

    product: str
    serial: str
    boot: float
    called: float | None = None
    loss: float = 0.0
    registered: bool = True
    camera: bool = True

    def document(self, location: str, now: float) -> str | None:
        """The status at a location; None where it has none."""
        made = _DOCUMENTS.get(location)
        if made is None:
            return None
        head = '<?xml version="1.0"?>\n<Status product="Cisco Codec" version="ce9.15.13" apiVersion="4">'
        return f"{head}{made(self, now)}</Status>"


def _unit(codec: Codec, now: float) -> str:
    calls = int(codec.called is not None)
    return (
        f"<SystemUnit><Hardware><Module><SerialNumber>{escape(codec.serial)}</SerialNumber></Module></Hardware>"
        f"<ProductId>{escape(codec.product)}</ProductId>"
        "<Software><Version>ce9.15.13.5ee2c1a</Version></Software>"
        f"<State><NumberOfActiveCalls>{calls}</NumberOfActiveCalls></State>"
        f"<Uptime>{max(0, int(now - codec.boot))}</Uptime></SystemUnit>"
    )


def _sip(codec: Codec, now: float) -> str:
    state = "Registered" if codec.registered else "Failed"
    return f'<SIP><Registration item="1"><Status>{state}</Status></Registration></SIP>'


def _cameras(codec: Codec, now: float) -> str:
    return f'<Cameras><Camera item="1"><Connected>{codec.camera}</Connected></Camera></Cameras>'


def _channels(codec: Codec, now: float) -> str:
    if codec.called is None:
        return ""
    lasted = max(0.0, now - codec.called)
    channels = "".join(
        _channel(item, direction, kind, int(lasted * rate), codec.loss)
        for item, (direction, kind, rate) in enumerate(_STREAMS, start=3)
    )
    return f'<MediaChannels><Call item="1">{channels}</Call></MediaChannels>'


def _channel(item: int, direction: str, kind: str, sent: int, loss: float) -> str:
    lost = int(sent * loss)
    came = sent - lost if direction == "Incoming" else sent
    return (
        f'<Channel item="{item}"><Direction>{direction}</Direction><Type>{kind}</Type>'
        f"<Netstat><Jitter>{3 + item % 3}</Jitter><Loss>{lost}</Loss><Packets>{came}</Packets>"
        "</Netstat></Channel>"
    )


_DOCUMENTS: dict[str, Callable[[Codec, float], str]] = {
    "/Status/SystemUnit": _unit,
    "/Status/SIP": _sip,
    "/Status/Cameras": _cameras,
    "/Status/MediaChannels": _channels,
}


async def converse(
    codec: Codec,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    clock: Callable[[], float],
) -> None:
    """Answers one visitor until he hangs up (IncompleteReadError)."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        writer.write(_answer(codec, head, clock()))
        await writer.drain()


def _answer(codec: Codec, head: str, now: float) -> bytes:
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    if f"\r\nauthorization: basic {login}\r\n".lower() not in head.lower():
        return _response("401 Unauthorized", "")
    location = parse_qs(urlsplit(head.split(" ")[1]).query).get("location", [""])[0]
    document = codec.document(location, now)
    return _response("404 Not Found", "") if document is None else _response("200 OK", document)


def _response(status: str, body: str) -> bytes:
    raw = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(raw)}\r\n\r\n"
    return head.encode() + raw
