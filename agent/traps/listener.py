"""The listener of an agent: takes notifications from UDP, hands on what is believed, answers informs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from agent.probe import Target
from agent.stamp.sockets import Arrival, StampSocket
from agent.traps.reception import Reception
from agent.traps.refusal import Refused
from agent.traps.security import OwnEngine
from telemetry.errors import ConfigError

log = logging.getLogger(__name__)

PACKETS_AT_A_TIME = 64
"""So many are judged before the agent's other work has its turn: a flood must not starve it."""

TOLD_EVERY_SECONDS = 3600.0
"""How often at most the log tells of refusals for one reason."""


class TrapListener:
    """Listens on every address of `listen`, from `start` to `close`. Off unless an agent makes one.

    listen: numeric addresses and ports; port 0 lets the system choose, see `ports`. name: of this agent,
    for the senders of SNMPv3 informs. names, rate, total: as in `Reception`. heard: is called with each
    device and the name of its trap, in the event loop.
    """

    def __init__(
        self,
        listen: Sequence[tuple[str, int]],
        names: Mapping[str, str],
        heard: Callable[[Target, str], None],
        *,
        name: str,
        rate: float,
        total: float,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listen, self._heard, self._monotonic = tuple(listen), heard, monotonic
        own = OwnEngine(name, now(), monotonic)
        self._reception = Reception(names, own, rate=rate, total=total, monotonic=monotonic)
        self._sockets: list[StampSocket] = []
        self._told: dict[Refused, float] = {}

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each address of `listen`, while it listens."""
        return tuple(found.port for found in self._sockets)

    @property
    def refused(self) -> Counter[Refused]:
        """How many datagrams were not believed, by reason."""
        return self._reception.refused

    def use(self, targets: Iterable[Target]) -> None:
        """From now on believes these devices and no others."""
        self._reception.use(targets)

    def start(self) -> None:
        """Listens. Raises ConfigError, one sentence, where the system does not let us."""
        loop = asyncio.get_running_loop()
        for host, port in self._listen:
            try:
                opened = StampSocket(local=(host, port))
            except OSError as error:
                self.close()
                raise ConfigError(
                    f"The agent cannot listen for traps on {host} UDP port {port}: "
                    f"{error.strerror}. Ports below 1024 need CAP_NET_BIND_SERVICE; a high port "
                    "such as 10162 does not."
                ) from error
            self._sockets.append(opened)
            loop.add_reader(opened.fileno(), partial(self._serve, opened))

    def close(self) -> None:
        """Stops listening and says in the log how much was refused."""
        self._reception.close()
        if not self._sockets:
            return
        loop = asyncio.get_running_loop()
        for opened in self._sockets:
            loop.remove_reader(opened.fileno())
            opened.close()
        self._sockets.clear()
        log.info("trap listener stopped", extra={"refused": self._counts()})

    def _serve(self, opened: StampSocket) -> None:
        for _ in range(PACKETS_AT_A_TIME):
            try:
                arrival = opened.receive()
            except BlockingIOError:
                return
            except OSError:  # an earlier answer's fate (port unreachable); the queue is still good
                continue
            self._take(opened, arrival)

    def _take(self, opened: StampSocket, arrival: Arrival) -> None:
        try:
            found = self._reception.take(arrival.data, arrival.whole, arrival.source[0])
            if found.refused is not None:
                self._tell(found.refused, arrival)
            if found.target is not None:
                self._heard(found.target, found.trap)
        except Exception:  # the edge: a datagram must not end the listener, whatever is in it
            log.exception("trap not judged by a fault of our own")
            return
        if found.answer is not None:
            try:
                opened.answer(found.answer, arrival)
            except OSError as error:  # a full queue, or no way back: it will be sent again
                log.debug("answer not sent", extra={"peer": arrival.source[0], "why": str(error)})

    def _tell(self, why: Refused, arrival: Arrival) -> None:
        """Once an hour and reason: a log line a packet would be the flood's second victim."""
        now = self._monotonic()
        if now - self._told.get(why, float("-inf")) < TOLD_EVERY_SECONDS:
            return
        self._told[why] = now
        facts = {"reason": why, "peer": arrival.source[0], "refused": self._counts()}
        log.warning("traps refused", extra=facts)

    def _counts(self) -> dict[str, int]:
        return {reason.value: count for reason, count in self.refused.items()}
