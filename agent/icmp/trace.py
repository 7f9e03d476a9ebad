"""How far the way to a host goes: who answers on it, hop by hop, with icmplib's traceroute.

A trace costs a few packets and some seconds, so it is made once when a way breaks, one at a time and
only so often: when a whole office is gone, its boxes break together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from icmplib.exceptions import ICMPLibError, SocketPermissionError
from icmplib.traceroute import traceroute

from agent.icmp.sockets import NoIcmpSocket
from agent.probe import Reason

log = logging.getLogger(__name__)

MOST_HOPS = 16
"""Nobody in the district is further away; a routing loop ends here, too."""

SILENT_HOPS = 3
"""So many in a row without an answer: the way has ended (two routers in a row may keep silent)."""

TRIES = 2
HOP_SECONDS = 0.5
LONGEST_SECONDS = (SILENT_HOPS * TRIES + MOST_HOPS) * HOP_SECONDS
A_MINUTE = 6
"""Traces a minute: some 20 packets each, a fraction of what one check sends."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What answered on the way to an address: (distance in hops, address), nearest first."""

    address: str
    hops: tuple[tuple[int, str], ...]

    @property
    def arrived(self) -> bool:
        """Whether the target itself answered: its silence was over already."""
        return bool(self.hops) and self.hops[-1][1] == self.address

    @property
    def last(self) -> tuple[int, str] | None:
        """The last that answered before the target, None when nothing did."""
        before = [hop for hop in self.hops if hop[1] != self.address]
        return before[-1] if before else None


def trace_way(address: str) -> Trace:
    """Asks hop after hop until the target answers or nobody does any more. Blocks, for 11 s at most.

    Raises NoIcmpSocket when this machine lets us have no raw socket.
    """
    hops: list[tuple[int, str]] = []
    silent = 0
    for distance in range(1, MOST_HOPS + 1):
        found = next(filter(None, (_ask(address, distance) for _ in range(TRIES))), "")
        silent = 0 if found else silent + 1
        if found:
            hops.append((distance, found))
        if found == address or silent == SILENT_HOPS:
            break
    return Trace(address, tuple(hops))


def _ask(address: str, distance: int) -> str:
    """Who answers at this distance, or empty."""
    try:
        found = traceroute(  # type: ignore[no-untyped-call]
            address, count=1, timeout=HOP_SECONDS, first_hop=distance, max_hops=distance
        )
    except SocketPermissionError as error:
        sentence = "tracing a way needs root or CAP_NET_RAW"
        raise NoIcmpSocket(sentence, Reason.FORBIDDEN) from error
    except ICMPLibError:
        return ""
    return str(found[0].address) if found else ""


class Tracer:
    """Traces ways, one at a time and never more than `A_MINUTE`. Belongs to one event loop."""

    def __init__(
        self,
        trace: Callable[[str], Trace] = trace_way,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._trace = trace
        self._monotonic = monotonic
        self._begun: deque[float] = deque(maxlen=A_MINUTE)
        self._busy = False
        self._may = True

    async def trace(self, address: str, seconds: float) -> Trace | None:
        """The trace, or None when there is no time, no room or no right for one just now."""
        now = self._monotonic()
        full = len(self._begun) == A_MINUTE and now - self._begun[0] < 60.0
        if not self._may or self._busy or full or seconds < LONGEST_SECONDS:
            return None
        self._begun.append(now)
        self._busy = True
        try:
            return await asyncio.to_thread(self._trace, address)
        except NoIcmpSocket as error:
            log.info("ways are not traced", extra={"why": str(error)})
            self._may = False
            return None
        finally:
            self._busy = False
