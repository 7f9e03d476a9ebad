"""The listener of an agent: takes notifications from UDP, hands on what is believed, answers informs."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from agent.datagrams import Datagrams, Refusals, by_name
from agent.probe import Target
from agent.stamp.sockets import Arrival, StampSocket
from agent.traps.reception import Reception
from agent.traps.refusal import Refused
from agent.traps.security import OwnEngine

log = logging.getLogger(__name__)


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
        self._heard = heard
        self._datagrams = Datagrams(listen, self._take)
        self._refusals = Refusals(log, "traps refused", monotonic)
        own = OwnEngine(name, now(), monotonic)
        self._reception = Reception(names, own, rate=rate, total=total, monotonic=monotonic)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each address of `listen`, while it listens."""
        return self._datagrams.ports

    @property
    def refused(self) -> Counter[Refused]:
        """How many datagrams were not believed, by reason."""
        return self._reception.refused

    def use(self, targets: Iterable[Target]) -> None:
        """From now on believes these devices and no others."""
        self._reception.use(targets)

    def start(self) -> None:
        """Listens. Raises ConfigError, one sentence, where the system does not let us."""
        self._datagrams.start("The agent cannot listen for traps", 10162)

    def close(self) -> None:
        """Stops listening and says in the log how much was refused."""
        self._reception.close()
        if self._datagrams.close():
            log.info("trap listener stopped", extra={"refused": by_name(self.refused)})

    def _take(self, opened: StampSocket, arrival: Arrival) -> None:
        try:
            found = self._reception.take(arrival.data, arrival.whole, arrival.source[0])
            if found.refused is not None:
                self._refusals.tell(found.refused, arrival, by_name(self.refused))
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
