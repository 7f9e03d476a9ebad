"""Sends one burst of test packets to a reflector and gathers what comes back."""

from __future__ import annotations

import asyncio
import errno
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.stamp.figures import FIRST_SEQUENCE, Echo, Figures
from agent.stamp.packets import (
    build_request,
    moment,
    ntp_word,
    padding,
    read_reply,
)
from agent.stamp.sockets import Arrival, StampSocket

HEADER_OCTETS = {4: 20 + 8, 6: 40 + 8}
"""Octets of the IP and UDP headers, by IP version."""

CLOCK_STEP_NS = 5_000_000
"""A clock that moves further than this against the monotonic one within a burst was set meanwhile."""

REFUSALS_ENOUGH = 3
"""So often "nobody listens on this port" and no reply at all: the rest need not be sent."""

_QUEUE_FULL = frozenset({errno.ENOBUFS, errno.EAGAIN})


@dataclass(frozen=True, slots=True)
class Plan:
    """How a burst is sent. spacing and timeout (after the last packet): seconds; size: octets of UDP
    payload; dscp: the 6 bits of RFC 2474.
    """

    count: int
    spacing: float
    timeout: float
    size: int
    dscp: int

    def octets(self, version: int) -> int:
        """What the burst costs at most, both ways together, with headers of this IP version."""
        return 2 * self.count * (self.size + HEADER_OCTETS[version])


@dataclass(frozen=True, slots=True)
class Burst:
    """What became of a burst.

    refused: ICMP said that nobody listens there. malformed: what came and was no reply to it.
    clock_set: our clock was set meanwhile, so that times say nothing. octets: sent and received, with
    headers. dscp: of the newest reply, as it arrived. far_ttl: what was left of our TTL at the peer.
    """

    figures: Figures
    refused: int
    malformed: int
    clock_set: bool
    octets: int
    dscp: int | None
    far_ttl: int | None


async def send_burst(
    address: str, port: int, plan: Plan, clock_ns: Callable[[], int] = time.time_ns
) -> Burst:
    """Sends and waits until all have come back, at most `timeout` seconds after the last.

    address: numeric. clock_ns: nanoseconds since 1970, as the kernel stamps arrivals. Raises OSError
    when our own system will not send (no way, not permitted, too long for the way).
    """
    opened = StampSocket(remote=(address, port), dscp=plan.dscp)
    try:
        return await _Run(opened, plan, clock_ns).whole()
    finally:
        opened.close()


@dataclass(slots=True)
class _Run:
    """One burst under way."""

    socket: StampSocket
    plan: Plan
    clock_ns: Callable[[], int]
    session: int = field(default_factory=lambda: secrets.randbelow(0xFFFF) + 1)
    sent: dict[int, int] = field(default_factory=dict)
    echoes: list[Echo] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    refused: int = 0
    malformed: int = 0
    dscp: int | None = None
    far_ttl: int | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def whole(self) -> Burst:
        loop = asyncio.get_running_loop()
        clocks = self.clock_ns() - time.monotonic_ns()
        loop.add_reader(self.socket.fileno(), self._receive)
        try:
            await self._send_all()
            await self._wait()
        finally:
            loop.remove_reader(self.socket.fileno())
        moved = abs(self.clock_ns() - time.monotonic_ns() - clocks)
        return self._burst(moved > CLOCK_STEP_NS)

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        tail = padding(self.plan.size, secrets.token_bytes(256))
        begins = loop.time()
        for index in range(self.plan.count):
            await asyncio.sleep(begins + index * self.plan.spacing - loop.time())
            if self.refused >= REFUSALS_ENOUGH and not self.answered:
                return
            self._send(FIRST_SEQUENCE + index, tail)

    def _send(self, sequence: int, tail: bytes) -> None:
        now = self.clock_ns()
        self.sent[sequence] = now
        packet = build_request(sequence, ntp_word(now), self.session, tail)
        try:
            try:
                self.socket.send(packet)
            except ConnectionRefusedError:  # the fate of an earlier packet; this one was not sent
                self.refused += 1
                self.socket.send(packet)
        except OSError as error:
            if error.errno not in _QUEUE_FULL:  # a full queue is a loss like any other
                raise

    def _is_settled(self) -> bool:
        """Whether nothing more is to be expected: all came back, or nobody listens there."""
        return len(self.answered) == self.plan.count or (self.refused > 0 and not self.answered)

    async def _wait(self) -> None:
        if self._is_settled():
            return
        self.settled.clear()
        try:
            async with asyncio.timeout(self.plan.timeout):
                await self.settled.wait()
        except TimeoutError:
            return

    def _receive(self) -> None:
        while True:
            try:
                self._take(self.socket.receive())
            except BlockingIOError:
                break
            except ConnectionRefusedError:
                self.refused += 1
            except OSError:  # another ICMP error; the packet counts as lost
                continue
        if self._is_settled():
            self.settled.set()

    def _take(self, arrival: Arrival) -> None:
        reply = read_reply(arrival.data)
        sent = self.sent.get(reply.sender_sequence) if reply is not None else None
        # What only our packet said has to come back, or it is somebody's guess.
        if reply is None or sent is None or reply.sender_timestamp != ntp_word(sent):
            self.malformed += 1
            return
        echo = Echo(
            sequence=reply.sender_sequence,
            reflected=reply.sequence,
            sent=sent,
            arrived=moment(reply.received, reply.error, sent),
            left=moment(reply.timestamp, reply.error, sent),
            returned=arrival.received_ns,
        )
        self.echoes.append(echo)
        self.answered.add(echo.sequence)
        self.dscp, self.far_ttl = arrival.dscp, reply.sender_ttl

    def _burst(self, clock_set: bool) -> Burst:
        each = self.plan.size + HEADER_OCTETS[self.socket.version]
        return Burst(
            figures=Figures(len(self.sent), tuple(self.echoes)),
            refused=self.refused,
            malformed=self.malformed,
            clock_set=clock_set,
            octets=(len(self.sent) + len(self.echoes) + self.malformed) * each,
            dscp=self.dscp,
            far_ttl=self.far_ttl,
        )
