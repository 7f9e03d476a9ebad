"""Answers the packets of the offices – echo, SNMP, names, TCP – with delay, loss and silence.

TCP is served by the kernel of the office itself: a segment for a simulated service goes back turned
round to a listening socket of ours in that office (see `packets.turned_round`), so connections are
real and yet every segment passes here, where a cut line swallows it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from random import Random
from socket import inet_aton

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from simulator import packets
from simulator.district import Reach, SimulatedDistrict
from simulator.host import Host
from simulator.network import Office
from simulator.packets import Packet
from simulator.snmp.responder import respond
from simulator.stamp import reflected

SNMP_PORT, DNS_PORT = 161, 53
_AT_ONCE = 0.0008
"""Below this many seconds a reply goes out at once: the event loop's timers are no finer."""
_BATCH = 64
_MTU = 65_536

LONGEST_WAY = 32
"""No way is longer; what may travel further is not looked at hop by hop."""

PortMap = dict[tuple[str, int], int]
"""Address and port of a TCP service → the office's own listening port that serves it."""


class Responder:
    """Answers offices from a district. `clock` gives seconds since 1970; chance is seeded."""

    def __init__(
        self,
        district: SimulatedDistrict,
        ports: PortMap,
        clock: Callable[[], float],
        seed: int = 1,
    ) -> None:
        self._district = district
        self._ports = ports
        self._places = {local: place for place, local in ports.items()}
        self._clock = clock
        self._chance = Random(seed)
        self.answered = 0
        """Packets that were sent back so far."""

    def serve(self, office: Office) -> None:
        """Begins to answer an office, in the running event loop."""
        asyncio.get_running_loop().add_reader(office.tun, self._readable, office)

    def leave(self, office: Office) -> None:
        """Answers it no more."""
        asyncio.get_running_loop().remove_reader(office.tun)

    def _readable(self, office: Office) -> None:
        for _ in range(_BATCH):
            try:
                raw = os.read(office.tun, _MTU)
            except BlockingIOError:
                return
            packet = packets.parse(raw)
            if packet is not None:
                self._take(office, packet)

    def _take(self, office: Office, packet: Packet) -> None:
        if packet.ttl <= LONGEST_WAY and packet.protocol == packets.ICMP:
            hop = self._district.expires(office.id, _dotted(packet.destination), packet.ttl)
            if hop:
                self._send(office.tun, packets.time_exceeded(packet, inet_aton(hop)), 0.0)
            if hop is not None:
                return
        reach = self._district.reach(office.id, _dotted(packet.destination))
        if reach is None or (reach.loss and self._chance.random() < reach.loss):
            return
        reply = self._reply(reach.host, packet)
        if reply is not None:
            self._send(office.tun, reply, self._delay(reach, packet))

    def _delay(self, reach: Reach, packet: Packet) -> float:
        """Seconds until the reply. A TCP segment goes one way only and must not be overtaken."""
        if packet.protocol == packets.TCP:
            return reach.delay / 2
        # A queue only ever adds: half of a normal deviation, with its rare long tail.
        return reach.delay + abs(self._chance.gauss(0, reach.jitter))

    def _send(self, tun: int, reply: bytes, delay: float) -> None:
        if delay < _AT_ONCE:
            self._write(tun, reply)
        else:
            asyncio.get_running_loop().call_later(delay, self._write, tun, reply)

    def _write(self, tun: int, reply: bytes) -> None:
        try:
            os.write(tun, reply)
        except OSError:  # the office was closed meanwhile, or its queue is full: a lost packet
            return
        self.answered += 1

    def _reply(self, host: Host, packet: Packet) -> bytes | None:
        if packet.protocol == packets.ICMP:
            return packets.echo_reply(packet)
        if packet.protocol == packets.TCP:
            return self._segment(host, packet)
        return self._datagram(host, packet)

    def _segment(self, host: Host, packet: Packet) -> bytes | None:
        ports = packets.tcp_ports(packet)
        if ports is None:
            return None
        if ports[0] in self._places:
            return packets.turned_round(packet, source_port=self._places[ports[0]][1])
        service = host.services.get(ports[1])
        local = self._ports.get((host.address, ports[1]))
        if service is None or local is None or service.closed:
            return packets.reset(packet)
        return packets.turned_round(packet, destination_port=local)

    def _datagram(self, host: Host, packet: Packet) -> bytes | None:
        asked = packets.datagram(packet)
        if asked is None:
            return None
        answer = self.answer(host, asked.destination_port, asked.data)
        if answer is None:
            return None
        if not answer:
            return packets.port_unreachable(packet)
        return packets.datagram_reply(packet, asked, answer)

    def answer(self, host: Host, port: int, data: bytes) -> bytes | None:
        """What a host answers to a datagram: None for silence, nothing where nobody listens."""
        if port == SNMP_PORT and host.community is not None:
            now = self._clock()
            return respond(data, self._district.device(host, now).tree, host.community, now)
        if port == DNS_PORT and host.names is not None:
            return answer_name(data, host.names)
        if port in host.reflects:
            return reflected(data, self._clock())
        return b""


def answer_name(query: bytes, names: dict[str, str]) -> bytes | None:
    """The answer of a name server that knows `names`; None for what is not a question."""
    try:
        asked = dns.message.from_wire(query)
        response = dns.message.make_response(asked)
    except dns.exception.DNSException:
        return None
    response.flags |= dns.flags.AA | dns.flags.RA
    for question in asked.question:
        name = question.name.to_text(omit_final_dot=True)
        if name not in names:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", names[name]))
    return response.to_wire()


def _dotted(address: bytes) -> str:
    return ".".join(map(str, address))
