"""What the status of a codec means: pure functions of its documents.

Paths and words are those of Cisco's API guides for TC (2012 on) and CE/RoomOS; older and newer software
leaves some out or adds others, so whatever is not there gives no reading. A codec tells no round trip of
its calls: that is what the probe of the path measures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.xapi.status import Node
from telemetry.catalogue import (
    CONFERENCE_CALL_JITTER,
    CONFERENCE_CALL_LOSS,
    DEVICE_INFO,
    DEVICE_TEMPERATURE,
    DEVICE_UPTIME,
)
from telemetry.labels import clean_text
from telemetry.sample import Reading

PROFILE = "cisco-codec"
VENDOR = "Cisco"

_REGISTERED = frozenset({"registered", "connected"})
_ON_THE_WAY = frozenset({"registering", "connecting"})
_DIRECTIONS = {"incoming": "receive", "outgoing": "transmit"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PLAUSIBLE_CELSIUS = (-20.0, 125.0)


def number(text: str) -> float | None:
    """The figure that a text begins with, such as `58.5` or `1035 rpm`; None where there is none."""
    found = _NUMBER.match(text)
    value = float(found[0]) if found else math.nan
    return value if math.isfinite(value) else None


def nameplate(unit: Node) -> Reading:
    """`device_info` out of /Status/SystemUnit."""
    return DEVICE_INFO.reading(
        1,
        vendor=VENDOR,
        model=clean_text(unit.said("ProductId") or unit.said("ProductPlatform")),
        os=clean_text(unit.said("Software", "Version")),
        serial=clean_text(unit.said("Hardware", "Module", "SerialNumber")),
        profile=PROFILE,
    )


def uptime(unit: Node) -> Iterator[Reading]:
    """`device_uptime_seconds`, where the codec tells it."""
    seconds = number(unit.said("Uptime"))
    if seconds is not None and seconds >= 0:
        yield DEVICE_UPTIME.reading(seconds)


def temperature(unit: Node) -> Iterator[Reading]:
    """The temperature inside, which TC software gives in degrees; CE says only whether it is normal."""
    degrees = number(unit.said("Hardware", "Temperature"))
    low, high = _PLAUSIBLE_CELSIUS
    if degrees is not None and low <= degrees <= high:
        yield DEVICE_TEMPERATURE.reading(degrees, sensor="system")


def active_calls(unit: Node) -> int | None:
    """How many calls are up; None where the codec does not say."""
    calls = number(unit.said("State", "NumberOfActiveCalls"))
    return round(calls) if calls is not None and 0 <= calls < 1000 else None


def registered(documents: Iterable[Node]) -> bool | None:
    """Whether any service for calls (SIP, H.323, Webex) is registered; None while one is on its way, and
    where the codec speaks of none.
    """
    words = {
        node.text.casefold()
        for document in documents
        for path in (
            ("SIP", "Registration", "Status"),
            ("SIP", "Profile", "Registration", "Status"),
            ("H323", "Gatekeeper", "Status"),
            ("Webex", "Status"),
        )
        for node in document.below(*path)
        if node.text
    }
    if words & _REGISTERED:
        return True
    return None if not words or words & _ON_THE_WAY else False


@dataclass(frozen=True, slots=True)
class Channel:
    """One stream of a call. key: the same from poll to poll while the call lasts. packets, lost: since it
    began; recent: (received, lost) of the last seconds; jitter in seconds.
    """

    key: str
    direction: str
    media: str
    packets: int
    lost: int
    recent: tuple[int, int] | None
    jitter: float | None


def channels(document: Node) -> list[Channel]:
    """The streams in /Status/MediaChannels; those whose direction or kind is not told are left out."""
    found = []
    for call in document.below("MediaChannels", "Call"):
        for channel in call.below("Channel"):
            made = _channel(f"{call.item}/{channel.item}", channel)
            if made is not None:
                found.append(made)
    return found


def _channel(key: str, channel: Node) -> Channel | None:
    direction = _DIRECTIONS.get(channel.said("Direction").casefold())
    media = _media(channel)
    if direction is None or not media:
        return None
    return Channel(
        key,
        direction,
        media,
        _count(channel, "Packets") or 0,
        _count(channel, "Loss") or 0,
        _recent(channel),
        _milliseconds(channel, "Jitter"),
    )


def _media(channel: Node) -> str:
    """audio, video, presentation (the second picture), data …; what the codec calls it, in small letters."""
    media = clean_text(channel.said("Type"), 20).casefold()
    second = channel.said("Video", "ChannelRole").casefold() == "presentation"
    return "presentation" if media == "video" and second else media


def _count(channel: Node, name: str) -> int | None:
    value = number(channel.said("Netstat", name))
    return round(value) if value is not None and 0 <= value < 1e15 else None


def _milliseconds(channel: Node, name: str) -> float | None:
    value = number(channel.said("Netstat", name))
    return value / 1000 if value is not None and 0 <= value <= 10_000 else None


def _recent(channel: Node) -> tuple[int, int] | None:
    received, lost = _count(channel, "LastIntervalReceived"), _count(channel, "LastIntervalLost")
    return None if received is None or lost is None else (received, lost)


Counts = Mapping[str, tuple[int, int]]
"""Packets and lost ones of each channel by its key, as they were at the last poll."""


def call_quality(found: Iterable[Channel], before: Counts) -> Iterator[Reading]:
    """Loss and jitter by direction and media. Loss is that since the last poll; of a channel that was not
    there then, that of its last seconds, or of its whole life where the codec does not tell those.
    """
    streams: dict[tuple[str, str], list[Channel]] = {}
    for channel in found:
        streams.setdefault((channel.direction, channel.media), []).append(channel)
    for (direction, media), some in streams.items():
        shares = [_since(channel, before.get(channel.key)) for channel in some]
        lost, sent = sum(lost for lost, _ in shares), sum(sent for _, sent in shares)
        if sent > 0:
            ratio = min(1.0, lost / sent)
            yield CONFERENCE_CALL_LOSS.reading(ratio, direction=direction, media=media)
        jitters = [channel.jitter for channel in some if channel.jitter is not None]
        if jitters:
            yield CONFERENCE_CALL_JITTER.reading(max(jitters), direction=direction, media=media)


def _since(channel: Channel, before: tuple[int, int] | None) -> tuple[int, int]:
    """(lost, sent) of a channel since `before`."""
    packets, lost = channel.packets, channel.lost
    if before is not None and packets > before[0] and lost >= before[1]:
        packets, lost = packets - before[0], lost - before[1]
    elif channel.recent is not None and sum(channel.recent) > 0:
        return channel.recent[1], sum(channel.recent)
    # Of what comes in, the arrived are counted; of what goes out, all that were sent.
    return lost, packets + lost if channel.direction == "receive" else max(packets, lost)


def sockets(documents: Iterable[Node]) -> dict[str, bool]:
    """Where a camera or a microphone can be plugged in, and whether there is one.

    A socket that was never used says the same as one whose cable has slipped out: whoever asks must
    remember whether there ever was something in it.
    """
    found: dict[str, bool] = {}
    for document in documents:
        for kind, word in (("camera", "Connected"), ("microphone", "ConnectionStatus")):
            for socket in document.anywhere(kind):
                if said := socket.said(word).casefold():
                    found[f"{kind} {socket.item}".strip()] = said in ("true", "connected")
    return found


def attached(documents: Iterable[Node]) -> dict[str, bool]:
    """Touch panels and the like that have made themselves known, and whether they still answer.

    Called by their kind, with a number from the second on: the codec's own numbers change with the unit.
    """
    found: dict[str, bool] = {}
    for document in documents:
        for device in document.anywhere("ConnectedDevice"):
            kind = clean_text(device.said("Type") or device.said("Name"), 60)
            if kind and device.said("Status"):
                others = sum(name.partition(" #")[0] == kind for name in found)
                name = f"{kind} #{others + 1}" if others else kind
                found[name] = device.said("Status").casefold() == "connected"
    return found
