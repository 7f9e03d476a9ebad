"""Packets are read, answered and rewritten as the RFCs say."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from simulator import packets

ADDRESS = st.binary(min_size=4, max_size=4)
PAYLOAD = st.binary(max_size=200)
PORT = st.integers(1, 65535)


def folded_sum(data: bytes) -> int:
    """The one's complement sum of 16-bit words, the slow way of RFC 1071."""
    total = 0
    for (word,) in struct.iter_unpack("!H", data + b"\0" * (len(data) % 2)):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo(packet: packets.Packet) -> bytes:
    return (
        packet.source
        + packet.destination
        + struct.pack("!HH", packet.protocol, len(packet.payload))
        + packet.payload
    )


def parsed(raw: bytes | None) -> packets.Packet:
    assert raw is not None
    packet = packets.parse(raw)
    assert packet is not None
    assert folded_sum(raw[:20]) == 0xFFFF, "the header's checksum is wrong"
    return packet


@given(PAYLOAD)
def test_checksum(data: bytes) -> None:
    """Data together with its checksum sums up to all ones."""
    even = data + b"\0" * (len(data) % 2)
    assert folded_sum(even + packets.checksum(even).to_bytes(2, "big")) == 0xFFFF


@given(ADDRESS, ADDRESS, st.integers(0, 255), PAYLOAD)
def test_build_and_parse(source: bytes, destination: bytes, protocol: int, payload: bytes) -> None:
    """What was built is read again, also with padding behind it."""
    packet = parsed(packets.build(source, destination, protocol, payload))
    assert (packet.source, packet.destination) == (source, destination)
    assert (packet.protocol, packet.payload) == (protocol, payload)
    assert packets.parse(packet.raw + b"padding") == packet


@given(st.binary(max_size=80))
def test_parse_takes_anything(raw: bytes) -> None:
    """Bytes from a network never raise."""
    packets.parse(raw)


@given(ADDRESS, ADDRESS, st.integers(0, 0xFFFFFFFF), PAYLOAD)
def test_echo(source: bytes, destination: bytes, ids: int, data: bytes) -> None:
    """A reply carries identifier, sequence and data of the request, with a right checksum."""
    body = bytes((8, 0, 0, 0)) + ids.to_bytes(4, "big") + data
    reply = parsed(
        packets.echo_reply(parsed(packets.build(source, destination, packets.ICMP, body)))
    )
    assert (reply.source, reply.destination) == (destination, source)
    assert reply.payload[0] == packets.ECHO_REPLY
    assert reply.payload[4:] == body[4:]
    assert folded_sum(reply.payload) == 0xFFFF


def test_no_echo_for_a_reply() -> None:
    """Replies are not answered, or two simulators would talk for ever."""
    body = bytes((0, 0, 0, 0, 1, 2, 3, 4))
    packet = parsed(packets.build(b"\1\1\1\1", b"\2\2\2\2", packets.ICMP, body))
    assert packets.echo_reply(packet) is None


@given(ADDRESS, ADDRESS, PORT, PORT, PAYLOAD, PAYLOAD)
def test_datagrams(
    source: bytes, destination: bytes, here: int, there: int, data: bytes, answer: bytes
) -> None:
    """A datagram is read, and its answer goes back from port to port with a right checksum."""
    payload = struct.pack("!HHHH", here, there, 8 + len(data), 0) + data
    packet = parsed(packets.build(source, destination, packets.UDP, payload))
    asked = packets.datagram(packet)
    assert asked == packets.Datagram(here, there, data)
    reply = parsed(packets.datagram_reply(packet, asked, answer))
    assert packets.datagram(reply) == packets.Datagram(there, here, answer)
    assert folded_sum(pseudo(reply)) == 0xFFFF


def test_cut_datagram() -> None:
    """A datagram that claims to be longer than its packet is not taken."""
    payload = struct.pack("!HHHH", 1, 2, 99, 0)
    assert packets.datagram(parsed(packets.build(bytes(4), bytes(4), packets.UDP, payload))) is None


def test_port_unreachable_quotes_the_datagram() -> None:
    """The refusal holds the header and the first eight bytes of what it refuses (RFC 792)."""
    payload = struct.pack("!HHHH", 4000, 161, 12, 0) + b"data"
    asked = parsed(packets.build(b"\x0a\0\0\1", b"\x0a\0\0\2", packets.UDP, payload))
    refusal = parsed(packets.port_unreachable(asked))
    assert refusal.payload[:2] == bytes((packets.UNREACHABLE, packets.PORT_UNREACHABLE))
    assert refusal.payload[8:] == asked.raw[:28]
    assert folded_sum(refusal.payload) == 0xFFFF


def segment(source_port: int, destination_port: int, flags: int, data: bytes) -> packets.Packet:
    """A TCP segment with a right checksum."""
    head = struct.pack("!HHIIBBH", source_port, destination_port, 1000, 2000, 0x50, flags, 512)
    body = head + bytes(4) + data
    addresses = b"\x0a\0\0\1", b"\x0a\0\0\2"
    total = packets.checksum(b"".join(addresses) + struct.pack("!HH", 6, len(body)) + body)
    body = body[:16] + total.to_bytes(2, "big") + body[18:]
    return parsed(packets.build(*addresses, packets.TCP, body))


@given(PORT, PORT, PORT, PAYLOAD)
def test_turned_round(here: int, there: int, local: int, data: bytes) -> None:
    """A segment that is sent back has the other end's address, the new port and a right checksum."""
    asked = segment(here, there, 0x10, data)
    turned = parsed(packets.turned_round(asked, destination_port=local))
    assert (turned.source, turned.destination) == (asked.destination, asked.source)
    assert packets.tcp_ports(turned) == (here, local)
    assert turned.payload[20:] == data
    assert folded_sum(pseudo(turned)) == 0xFFFF


def test_reset() -> None:
    """A closed port answers SYN with RST and ACK, a stray segment with RST, a RST with nothing."""
    answer = parsed(packets.reset(segment(4000, 80, 0x02, b"")))
    assert answer.payload[13] == 0x14
    assert struct.unpack("!II", answer.payload[4:12]) == (0, 1001)
    assert folded_sum(pseudo(answer)) == 0xFFFF
    stray = parsed(packets.reset(segment(4000, 80, 0x10, b"x")))
    assert stray.payload[13] == 0x04
    assert struct.unpack("!I", stray.payload[4:8]) == (2000,)
    assert packets.reset(segment(4000, 80, 0x04, b"")) is None
