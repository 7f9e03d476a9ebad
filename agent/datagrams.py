"""What listens on UDP in an agent: on several addresses, never so long that other work starves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TypeVar

from agent.stamp.sockets import Arrival, StampSocket
from telemetry.errors import ConfigError

R = TypeVar("R", bound=StrEnum)
"""A closed list of reasons."""

PACKETS_AT_A_TIME = 64
"""So many are taken before the agent's other work has its turn: a flood must not starve it."""

TOLD_EVERY_SECONDS = 3600.0
"""How often at most the log tells of refusals for one reason."""


class Datagrams:
    """Hands every datagram that comes to one of `listen` to `take`, from `start` to `close`.

    listen: numeric addresses and ports; port 0 lets the system choose, see `ports`.
    """

    def __init__(
        self, listen: Sequence[tuple[str, int]], take: Callable[[StampSocket, Arrival], None]
    ) -> None:
        self._listen = tuple(listen)
        self._take = take
        self._sockets: list[StampSocket] = []

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each address of `listen`, while it listens."""
        return tuple(found.port for found in self._sockets)

    def start(self, who: str, high_port: int) -> None:
        """Listens. Raises ConfigError where the system does not let us: one sentence that begins with
        `who` cannot, and ends with a port that anybody may have.
        """
        loop = asyncio.get_running_loop()
        for host, port in self._listen:
            try:
                opened = StampSocket(local=(host, port))
            except OSError as error:
                self.close()
                raise ConfigError(
                    f"{who} on {host} UDP port {port}: {error.strerror}. Ports below 1024 need "
                    f"CAP_NET_BIND_SERVICE; a high port such as {high_port} does not."
                ) from error
            self._sockets.append(opened)
            loop.add_reader(opened.fileno(), partial(self._serve, opened))

    def close(self) -> bool:
        """Stops listening; whether it did until now."""
        was_open = bool(self._sockets)
        for opened in self._sockets:
            asyncio.get_running_loop().remove_reader(opened.fileno())
            opened.close()
        self._sockets.clear()
        return was_open

    def _serve(self, opened: StampSocket) -> None:
        for _ in range(PACKETS_AT_A_TIME):
            try:
                arrival = opened.receive()
            except BlockingIOError:
                return
            except OSError:  # an earlier answer's fate (port unreachable); the queue is still good
                continue
            self._take(opened, arrival)


class Refusals:
    """Tells the log of what is refused, once an hour and reason: a line a packet would be the flood's
    second victim. message: what the log says.
    """

    def __init__(self, log: logging.Logger, message: str, monotonic: Callable[[], float]) -> None:
        self._log, self._message, self._monotonic = log, message, monotonic
        self._told: dict[StrEnum, float] = {}

    def tell(self, why: StrEnum, arrival: Arrival, counted: dict[str, int]) -> None:
        """One more was refused. counted: how many so far, by reason."""
        now = self._monotonic()
        if now - self._told.get(why, float("-inf")) < TOLD_EVERY_SECONDS:
            return
        self._told[why] = now
        facts = {"reason": why, "peer": arrival.source[0], "refused": counted}
        self._log.warning(self._message, extra=facts)


def by_name(refused: Mapping[R, int]) -> dict[str, int]:
    """Counts by reason as the log writes them."""
    return {reason.value: count for reason, count in refused.items()}
