"""The reflector of an agent: listens on UDP and answers the test packets of other agents."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from agent.datagrams import Datagrams, Refusals, by_name
from agent.stamp.reflection import Reflection, Refused
from agent.stamp.sockets import Arrival, StampSocket

log = logging.getLogger(__name__)


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
        self._datagrams = Datagrams(listen, self._answer)
        self._refusals = Refusals(log, "test packets refused", monotonic)
        self._reflection = Reflection(
            peers,
            rate=rate,
            total=total,
            stateful=stateful,
            monotonic=monotonic,
            clock_ns=time.time_ns,
        )

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each address of `listen`, while it listens."""
        return self._datagrams.ports

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
        self._datagrams.start("The reflector cannot listen", 8620)

    def close(self) -> None:
        """Stops listening and says in the log how much was answered and refused."""
        if self._datagrams.close():
            facts = {"answered": self.answered, "refused": by_name(self.refused)}
            log.info("reflector stopped", extra=facts)

    def _answer(self, opened: StampSocket, arrival: Arrival) -> None:
        answer = self._reflection.answer(arrival)
        if isinstance(answer, Refused):
            self._refusals.tell(answer, arrival, by_name(self.refused))
            return
        try:
            opened.answer(answer, arrival)
        except OSError as error:  # a full queue, or no way back: as if the path had lost it
            self.refused[Refused.UNSENT] += 1
            log.debug("answer not sent", extra={"peer": arrival.source[0], "why": str(error)})
