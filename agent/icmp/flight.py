"""The requests of one burst or sweep between leaving and landing: bookkeeping without any I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from agent.icmp.refusal import Refusal
from agent.icmp.sockets import SocketAddress


class Flight:
    """Knows for every request whether its reply came, once, in time and from whom it was asked.

    token, packet: what its replies are known by, and what request number i looks like.
    targets: request number i goes to targets[i] (a burst names the same host again and again).
    All times are nanoseconds of one monotonic clock, given by the caller.
    settled: set as soon as every request has left and is answered, refused or expired.
    """

    def __init__(
        self,
        token: int,
        packet: Callable[[int], bytes],
        targets: Sequence[SocketAddress],
        timeout_ns: int,
    ) -> None:
        self.token = token
        self.packet = packet
        self.targets = targets
        self.timeout_ns = timeout_ns
        self.sent_ns = [0] * len(targets)
        self.round_trips_ns: list[int | None] = [None] * len(targets)
        self.waiting: set[int] = set()
        self.refusals: dict[int, Refusal] = {}
        self.duplicates = self.late = self.wrong_source = 0
        self.settled = asyncio.Event()
        self._to_leave = len(targets)
        self._oldest = 0

    def leave(self, index: int, at_ns: int) -> None:
        """Request `index` leaves at this time. Requests leave in order, each once."""
        self.sent_ns[index] = at_ns
        self._to_leave -= 1
        self.waiting.add(index)

    def arrive(self, index: int, source: str, at_ns: int, now_ns: int) -> None:
        """A reply to request `index` reached the kernel at `at_ns` and was read at `now_ns`.

        The kernel stamps by the wall clock. If that was stepped in between, the stamp contradicts
        what we know (not before the request, not after now); then the time of reading has to do.
        """
        sent_ns = self.sent_ns[index]
        round_trip = at_ns - sent_ns
        if at_ns > now_ns or round_trip < 0:
            round_trip = now_ns - sent_ns
        if source != self.targets[index][0]:
            self.wrong_source += 1
        elif self.round_trips_ns[index] is not None:
            self.duplicates += 1
        elif not sent_ns or round_trip > self.timeout_ns:
            self.late += 1
        else:
            self.round_trips_ns[index] = round_trip
            self.waiting.discard(index)
            if not self.waiting and not self._to_leave:
                self.settled.set()

    def refuse(self, index: int, refusal: Refusal) -> None:
        """Somebody said that request `index` will not be answered; a reply may still overrule."""
        self.refusals[index] = refusal
        self._settle(index)

    def expire(self, now_ns: int) -> None:
        """Stops waiting for requests whose time is over; a reply stamped in time still counts."""
        horizon = now_ns - self.timeout_ns
        while self._oldest < len(self.targets) - self._to_leave:
            if self._oldest in self.waiting:
                if self.sent_ns[self._oldest] > horizon:
                    return
                self._settle(self._oldest)
            self._oldest += 1

    def _settle(self, index: int) -> None:
        self.waiting.discard(index)
        if not self.waiting and not self._to_leave:
            self.settled.set()

    def round_trips(self) -> list[float | None]:
        """Seconds for each request in order of sending, None where no reply counted."""
        return [None if value is None else value / 1e9 for value in self.round_trips_ns]
