"""IPv4 packets as a TUN device hands them over: read, answered, rewritten. Pure functions on bytes.

Sources: RFC 791 (IPv4), RFC 792 (ICMP), RFC 768 (UDP), RFC 9293 (TCP), RFC 1071 and RFC 1624
(checksums).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

ICMP, TCP, UDP = 1, 6, 17

ECHO_REPLY, UNREACHABLE, ECHO_REQUEST, TIME_EXCEEDED = 0, 3, 8, 11
PORT_UNREACHABLE = 3

_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
_TTL = 64


@dataclass(frozen=True, slots=True)
class Packet:
    """An IPv4 packet that is not a fragment. Addresses are four bytes; `raw` is the whole packet."""

    source: bytes
    destination: bytes
    protocol: int
    payload: bytes
    raw: bytes

    @property
    def ttl(self) -> int:
        """How many hops it may travel."""
        return self.raw[8]


def parse(raw: bytes) -> Packet | None:
    """The packet in `raw`; None when it is not whole, unfragmented IPv4."""
    if len(raw) < 20 or raw[0] >> 4 != 4:
        return None
    header, total = (raw[0] & 0x0F) * 4, int.from_bytes(raw[2:4], "big")
    fragment = int.from_bytes(raw[6:8], "big") & 0x3FFF
    if header < 20 or not header <= total <= len(raw) or fragment:
        return None
    return Packet(raw[12:16], raw[16:20], raw[9], raw[header:total], raw[:total])


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of `data`, whose own checksum field is zero or left out."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big") % 0xFFFF
    # One's complement has two zeros: only data that is all zero bytes sums up to the other one.
    return 0xFFFF - total if total or any(data) is False else 0


def build(source: bytes, destination: bytes, protocol: int, payload: bytes) -> bytes:
    """An IPv4 packet around `payload`."""
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), 0, 0x4000, _TTL, protocol)
    addresses = source + destination
    return head + checksum(head + addresses).to_bytes(2, "big") + addresses + payload


def echo_reply(packet: Packet) -> bytes | None:
    """The reply to an ICMP echo request; None for any other packet."""
    if packet.protocol != ICMP or len(packet.payload) < 8 or packet.payload[0] != ECHO_REQUEST:
        return None
    rest = packet.payload[4:]
    total = checksum(bytes((ECHO_REPLY, 0)) + rest)
    message = bytes((ECHO_REPLY, 0)) + total.to_bytes(2, "big") + rest
    return build(packet.destination, packet.source, ICMP, message)


def port_unreachable(packet: Packet) -> bytes:
    """What a living host says to a datagram for a port that nobody listens on."""
    return _complaint(packet, packet.destination, UNREACHABLE, PORT_UNREACHABLE)


def time_exceeded(packet: Packet, hop: bytes) -> bytes:
    """What the hop says at which a packet has travelled as far as it may."""
    return _complaint(packet, hop, TIME_EXCEEDED, 0)


def _complaint(packet: Packet, source: bytes, kind: int, code: int) -> bytes:
    quoted = packet.raw[: (packet.raw[0] & 0x0F) * 4 + 8]
    body = bytes((kind, code)) + b"\0\0" + bytes(4) + quoted
    message = body[:2] + checksum(body).to_bytes(2, "big") + body[4:]
    return build(source, packet.source, ICMP, message)


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram inside a packet."""

    source_port: int
    destination_port: int
    data: bytes


def datagram(packet: Packet) -> Datagram | None:
    """The datagram in a packet; None when it is not UDP or is cut short."""
    if packet.protocol != UDP or len(packet.payload) < 8:
        return None
    source_port, destination_port, length = struct.unpack("!HHH", packet.payload[:6])
    if not 8 <= length <= len(packet.payload):
        return None
    return Datagram(source_port, destination_port, packet.payload[8:length])


def datagram_reply(packet: Packet, asked: Datagram, data: bytes) -> bytes:
    """The packet that answers `asked`, which came in `packet`, with `data`."""
    head = struct.pack("!HHH", asked.destination_port, asked.source_port, 8 + len(data))
    pseudo = packet.destination + packet.source + struct.pack("!HH", UDP, 8 + len(data))
    total = checksum(pseudo + head + data) or 0xFFFF
    payload = head + total.to_bytes(2, "big") + data
    return build(packet.destination, packet.source, UDP, payload)


def tcp_ports(packet: Packet) -> tuple[int, int] | None:
    """Source and destination port of a TCP segment; None for anything else."""
    if packet.protocol != TCP or len(packet.payload) < 20:
        return None
    source, destination = struct.unpack("!HH", packet.payload[:4])
    return source, destination


def turned_round(
    packet: Packet, *, source_port: int | None = None, destination_port: int | None = None
) -> bytes:
    """A TCP segment sent back to where it came from, as if the other end had opened the connection.

    Addresses change places, a port may change, the rest stays, so the kernel that sent the segment
    takes it to a listening socket of its own: that is how a real TCP stack serves every simulated
    address. The sum over the swapped addresses is the same; only the port moves the checksum.
    """
    segment = bytearray(packet.payload)
    change = 0
    for place, port in ((0, source_port), (2, destination_port)):
        if port is not None:
            change += port - int.from_bytes(segment[place : place + 2], "big")
            segment[place : place + 2] = port.to_bytes(2, "big")
    before = int.from_bytes(segment[16:18], "big")
    # RFC 1624: the complement of the sum moves against the change of the words.
    after = 0xFFFF - ((0xFFFF - before) + change) % 0xFFFF
    segment[16:18] = after.to_bytes(2, "big")
    return build(packet.destination, packet.source, TCP, bytes(segment))


def reset(packet: Packet) -> bytes | None:
    """What a living host says to a connection for a closed port; None when that is no answer."""
    _, destination = tcp_ports(packet) or (0, 0)
    source_port = int.from_bytes(packet.payload[:2], "big")
    sequence, acknowledged = struct.unpack("!II", packet.payload[4:12])
    offset, flags = (packet.payload[12] >> 4) * 4, packet.payload[13]
    if flags & _RST:
        return None
    if flags & _ACK:
        head = struct.pack("!HHII", destination, source_port, acknowledged, 0)
        answer = head + bytes((0x50, _RST))
    else:
        length = len(packet.payload) - offset + bool(flags & _SYN) + bool(flags & _FIN)
        head = struct.pack("!HHII", destination, source_port, 0, (sequence + length) & 0xFFFFFFFF)
        answer = head + bytes((0x50, _RST | _ACK))
    answer += bytes(2)  # window
    pseudo = packet.destination + packet.source + struct.pack("!HH", TCP, 20)
    total = checksum(pseudo + answer + bytes(4))
    return build(
        packet.destination, packet.source, TCP, answer + total.to_bytes(2, "big") + bytes(2)
    )
