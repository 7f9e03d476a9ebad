"""What a believed notification brings about: it is counted, and the device is asked again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from agent.measure import identity_of
from agent.probe import Target
from telemetry.catalogue import DEVICE_TRAPS
from telemetry.sample import Sample

SPACING_SECONDS = 5.0
"""A device is asked again for its traps at most so often; a port that flaps sends dozens."""


class Heard:
    """Counts notifications per device and name, and has the device asked again at once.

    keep: takes the samples. ask: has all checks of a device run, by its id and the time at which. now:
    seconds since 1970. Never decides anything about the device itself.
    """

    def __init__(
        self,
        agent: str,
        keep: Callable[[Sequence[Sample]], None],
        ask: Callable[[str, float], None],
        now: Callable[[], float],
    ) -> None:
        self._agent, self._keep, self._ask, self._now = agent, keep, ask, now
        self._counts: dict[tuple[Target, str], int] = {}
        self._asked: dict[str, float] = {}

    def take(self, target: Target, trap: str) -> None:
        """Counts one notification of a device."""
        now, key = self._now(), (target, trap)
        samples = []
        if key not in self._counts:
            # A series that begins with 1 has not grown in the eyes of Prometheus' increase().
            samples.append(self._sample(target, trap, 0, now - 0.001))
        self._counts[key] = self._counts.get(key, 0) + 1
        self._keep([*samples, self._sample(target, trap, self._counts[key], now)])
        self._ask_again(target.id, now)

    def samples(self) -> list[Sample]:
        """All counters as of now."""
        now = self._now()
        return [self._sample(*key, count, now) for key, count in self._counts.items()]

    def retain(self, targets: Collection[Target]) -> None:
        """Forgets the devices that are no longer asked."""
        ids = {target.id for target in targets}
        self._counts = {k: count for k, count in self._counts.items() if k[0] in targets}
        self._asked = {id_: at for id_, at in self._asked.items() if id_ in ids}

    def _ask_again(self, target_id: str, now: float) -> None:
        asked = self._asked.get(target_id, float("-inf"))
        if asked - SPACING_SECONDS > now:  # the clock was set back
            asked = float("-inf")
        if asked > now:  # planned already, after this one
            return
        self._asked[target_id] = max(now, asked + SPACING_SECONDS)
        self._ask(target_id, self._asked[target_id])

    def _sample(self, target: Target, trap: str, count: int, at: float) -> Sample:
        reading = DEVICE_TRAPS.reading(count, trap=trap)
        return reading.sample(identity_of(target, self._agent), round(at * 1000))
