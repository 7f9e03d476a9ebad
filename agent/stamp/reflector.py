"""The reflector of an agent: listens on UDP and answers the test packets of other agents."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from agent.stamp.reflection import Reflection, Refused
from agent.stamp.sockets import Arrival, StampSocket
from telemetry.errors import ConfigError

log = logging.getLogger(__name__)

PACKETS_AT_A_TIME = 64
"""So many are answered before the agent's other work has its turn: a flood must not starve it."""

TOLD_EVERY_SECONDS = 3600.0
"""How often at most the log tells of refusals for one reason."""


class Reflector:
    """Answers on every address of `listen`, from `start` to `close`. Off unless an agent makes one.

    listen: numeric addresses and ports; port 0 lets the system choose, see `ports`.
    peers, rate, total, stateful: as in `Reflection`.
    """

    def __init__(
        self,
        listen: Sequence[tuple[str, int]],
        peers: Sequence[str],
        *,
        rate: float,
        total: float,
        stateful: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listen, self._monotonic = tuple(listen), monotonic
        self._reflection = Reflection(
            peers,
            rate=rate,
            total=total,
            stateful=stateful,
            monotonic=monotonic,
            clock_ns=time.time_ns,
        )
        self._sockets: list[StampSocket] = []
        self._told: dict[Refused, float] = {}

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each address of `listen`, while it listens."""
        return tuple(found.port for found in self._sockets)

    @property
    def answered(self) -> int:
        """How many packets were answered."""
        return self._reflection.answered

    @property
    def refused(self) -> Counter[Refused]:
        """How many packets were not, by reason."""
        return self._reflection.refused

    def start(self) -> None:
        """Listens. Raises ConfigError, one sentence, where the system does not let us."""
        loop = asyncio.get_running_loop()
        for host, port in self._listen:
            try:
                opened = StampSocket(local=(host, port))
            except OSError as error:
                self.close()
                raise ConfigError(
                    f"The reflector cannot listen on {host} UDP port {port}: {error.strerror}. "
                    "Ports below 1024 need CAP_NET_BIND_SERVICE; a high port such as 8620 does not."
                ) from error
            self._sockets.append(opened)
            loop.add_reader(opened.fileno(), partial(self._serve, opened))

    def close(self) -> None:
        """Stops listening and says in the log how much was answered and refused."""
        if not self._sockets:
            return
        loop = asyncio.get_running_loop()
        for opened in self._sockets:
            loop.remove_reader(opened.fileno())
            opened.close()
        self._sockets.clear()
        facts = {"answered": self.answered, "refused": self._counts()}
        log.info("reflector stopped", extra=facts)

    def _serve(self, opened: StampSocket) -> None:
        for _ in range(PACKETS_AT_A_TIME):
            try:
                arrival = opened.receive()
            except BlockingIOError:
                return
            except OSError:  # an earlier answer's fate (port unreachable); the queue is still good
                continue
            self._answer(opened, arrival)

    def _answer(self, opened: StampSocket, arrival: Arrival) -> None:
        answer = self._reflection.answer(arrival)
        if isinstance(answer, Refused):
            self._tell(answer, arrival)
            return
        try:
            opened.answer(answer, arrival)
        except OSError as error:  # a full queue, or no way back: as if the path had lost it
            self.refused[Refused.UNSENT] += 1
            log.debug("answer not sent", extra={"peer": arrival.source[0], "why": str(error)})

    def _tell(self, why: Refused, arrival: Arrival) -> None:
        """Once an hour and reason: a log line a packet would be the flood's second victim."""
        now = self._monotonic()
        if now - self._told.get(why, float("-inf")) < TOLD_EVERY_SECONDS:
            return
        self._told[why] = now
        facts = {"reason": why, "peer": arrival.source[0], "refused": self._counts()}
        log.warning("test packets refused", extra=facts)

    def _counts(self) -> dict[str, int]:
        return {reason.value: count for reason, count in self.refused.items()}
