"""All requests and replies of one address family, over one socket on the running event loop."""

from __future__ import annotations

import asyncio
import errno
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from agent.icmp.flight import Flight
from agent.icmp.packets import ECHO, MAX_REQUESTS, Quote, is_intact, read_quote, request_maker
from agent.icmp.refusal import Refusal, refused_by_kernel, refused_by_network
from agent.icmp.sockets import Ancillary, IcmpSocket, SocketAddress, kernel_stamp_ns

_NO_ROOM = (errno.EAGAIN, errno.ENOBUFS)
_PER_WAKING = 256  # packets read before other tasks get their turn, however many are waiting
_TO_THE_END = 1 << 17
_read_echo, _ECHO_BYTES = ECHO.unpack_from, ECHO.size


class Exchange:
    """Sends the requests of any number of flights and hands every reply to the right one.

    uncounted: packets that belong to no open flight, by why (`stray`, `corrupt`).
    """

    def __init__(self, port: IcmpSocket) -> None:
        self._port = port
        self._flights: dict[int, Flight] = {}
        self._buffer, self._has_header = port.buffer, port.has_header
        self._reply = port.dialect.reply
        self.uncounted: Counter[str] = Counter()
        self.capacity = port.capacity
        self._loop = asyncio.get_running_loop()
        self._watch()

    def _watch(self) -> None:
        self._loop.add_reader(self._port.fileno(), self.drain)

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """For whoever drains by himself meanwhile: waking the loop for each packet costs a tenth."""
        self._loop.remove_reader(self._port.fileno())
        try:
            yield
        finally:
            if self._port.fileno() >= 0:
                self._watch()

    def close(self) -> None:
        """Gives the socket back; open flights get no more replies."""
        self._loop.remove_reader(self._port.fileno())
        self._port.close()

    def launch(self, targets: Sequence[SocketAddress], timeout: float, size: int) -> Flight:
        """A new flight to at most 65536 targets, whose requests may now be sent."""
        if len(targets) > MAX_REQUESTS:
            raise ValueError(f"a flight takes {MAX_REQUESTS} requests, not {len(targets)}")
        token = secrets.randbits(32)
        while token in self._flights:
            token = secrets.randbits(32)
        packet = request_maker(self._port.dialect, self._port.identifier, token, size)
        self._flights[token] = flight = Flight(token, packet, targets, int(timeout * 1e9))
        return flight

    def land(self, flight: Flight) -> None:
        """Forgets the flight; what still comes for it is a stray."""
        del self._flights[flight.token]

    def send(self, flight: Flight, index: int) -> bool:
        """Sends one request; False when the kernel has no room for it at the moment.

        That our own kernel refuses (no route, a firewall) is noted in the flight.
        """
        packet = flight.packet(index)
        sent_ns = time.monotonic_ns()
        try:
            self._port.send(packet, flight.targets[index])
        except OSError as error:
            return self._send_again(flight, index, packet, error)
        flight.leave(index, sent_ns)
        return True

    def _send_again(self, flight: Flight, index: int, packet: bytes, error: OSError) -> bool:
        """A datagram socket fails the next `sendto` for a refusal that concerns another host."""
        if not self._port.raw and error.errno not in _NO_ROOM:
            self._take_refusals()
            sent_ns = time.monotonic_ns()
            try:
                self._port.send(packet, flight.targets[index])
            except OSError as again:
                error = again
            else:
                flight.leave(index, sent_ns)
                return True
        if error.errno in _NO_ROOM:
            return False
        flight.leave(index, time.monotonic_ns())
        flight.refuse(index, refused_by_kernel(error.errno or 0))
        return True

    async def settle(self, flight: Flight) -> None:
        """Returns when all is answered or the last request's time is over.

        Then reads what is waiting: if the loop was held up, replies in time lie in the buffer.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(flight.timeout_ns / 1e9):
                await flight.settled.wait()
        if flight.waiting:
            self.drain(_TO_THE_END)

    def drain(self, limit: int = _PER_WAKING) -> None:
        """Reads what has come, at most `limit` packets, and hands it to the flights."""
        if self._port.fileno() < 0:
            return
        receive, take, ahead_ns = self._port.receive, self._take, wall_ahead_of_monotonic_ns()
        for _ in range(limit):
            try:
                length, ancillary, _, source = receive()
            except BlockingIOError:
                break
            except OSError:
                self._take_refusals()
            else:
                take(length, ancillary, source[0], ahead_ns)
        if not self._port.raw:
            self._take_refusals()

    def _take(self, length: int, ancillary: Ancillary, source: str, ahead_ns: int) -> None:
        """Runs for every packet: at 10,000 hosts each further call here costs a percent."""
        buffer = self._buffer
        start = (buffer[0] & 0x0F) * 4 if self._has_header else 0
        if length < start + _ECHO_BYTES:
            return
        kind, code, _, _, index, token = _read_echo(buffer, start)
        flight = self._flights.get(token)
        if kind != self._reply or flight is None or index >= len(flight.targets):
            self._take_other(kind, code, source, bytes(buffer[start:length]))
        elif self._has_header and not is_intact(buffer[start:length]):
            self.uncounted["corrupt"] += 1  # only raw IPv4 sockets are given what is damaged
        else:
            now_ns = time.monotonic_ns()
            at_ns = kernel_stamp_ns(ancillary) - ahead_ns if ancillary else now_ns
            flight.arrive(index, source, at_ns, now_ns)

    def _take_other(self, kind: int, code: int, source: str, message: bytes) -> None:
        """A reply to no open flight, or an ICMP error; what quotes other programs is passed over."""
        if kind == self._reply:
            self.uncounted["stray"] += 1
            return
        quote = read_quote(self._port.dialect, message)
        if quote is not None and quote.identifier == self._port.identifier:
            refusal = refused_by_network(self._port.dialect.version, kind, code, source)
            self._refuse(quote, refusal)

    def _take_refusals(self) -> None:
        """The errors that a datagram socket keeps in a queue of its own."""
        while True:
            try:
                kind, code, source, echo = self._port.receive_error()
            except OSError:
                return
            if kind and len(echo) >= _ECHO_BYTES:
                _, _, _, identifier, index, token = ECHO.unpack_from(echo)
                refusal = refused_by_network(self._port.dialect.version, kind, code, source)
                self._refuse(Quote("", identifier, index, token), refusal)

    def _refuse(self, quote: Quote, refusal: Refusal) -> None:
        if quote.token is None:
            # Only the 8 bytes of RFC 792 were quoted; such refusals are rare and rate-limited.
            for flight in self._flights.values():
                index = quote.sequence
                if index in flight.waiting and flight.targets[index][0] == quote.destination:
                    flight.refuse(index, refusal)
        elif (known := self._flights.get(quote.token)) and quote.sequence in known.waiting:
            known.refuse(quote.sequence, refusal)
        else:
            self.uncounted["stray"] += 1


def wall_ahead_of_monotonic_ns() -> int:
    """By how much the wall clock is ahead of the monotonic one, at this moment.

    The kernel stamps packets by the wall clock, we stamp requests by the monotonic one, so that a
    clock set between the two does no harm. Read again when we were held up between the readings.
    """
    before = wall = after = 0
    for _ in range(3):
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        if after - before < 5_000:
            break
    return wall - (before + after) // 2
