"""The newest value of a series and what of its past is kept: constant memory, however long it runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from collector.changes import Blinks, Flaps, Restarts, Usual
from collector.history import NOTHING_THERE, SPIKY, History
from collector.past import Past
from telemetry.labels import Labels

DRAWN_POINTS = 60
"""How many points of a drawn series are kept."""

WINDOW_POINTS = 400
"""How many points a window may hold however densely they come."""


class Keep(StrEnum):
    """What of its past a fact carries, because some rule asks for it."""

    HISTORY = "history"
    FLAPS = "flaps"
    BLINKS = "blinks"
    USUAL = "usual"
    RESTARTS = "restarts"
    PAST = "past"


LEARNT_HOURS = 24
"""From so many hours on it is known where a fact stands among its twins as a rule."""


@dataclass(frozen=True, slots=True)
class Twins:
    """How a fact's peers stood at `at`: the median of their levels, how far they lie from it (the
    median of that), how many others there are; and where the fact itself stood. usual: how far it
    stands from them as a rule, learnt over so many hours. alike: whether they are of its kind; others
    share only the weather with it.
    """

    at: float
    own: float
    median: float
    spread: float
    count: int
    usual: float
    learnt: int
    alike: bool = True

    def with_own(self, value: float) -> Twins:
        """The same twins, if the fact stood elsewhere among them."""
        return replace(self, own=value)

    @property
    def excess(self) -> float:
        """How much further above the others it stands than it does as a rule; 0 while unknown."""
        if self.learnt < LEARNT_HOURS:
            return 0.0
        return self.own - self.median - self.usual


@dataclass(slots=True)
class Fact:
    """The newest value of one series, and as much of its past as rules look at.

    instance: the values of the instance labels, joined for people. increase: of a counter, its
    growth
    since it was first seen, with resets bridged. window_seconds: how much of the past is kept.
    """

    metric: str
    agent: str
    instance: str
    labels: Labels
    counter: bool = False
    window_seconds: float = 0.0
    at: float = 0.0
    value: float = 0.0
    increase: float = 0.0
    window: list[tuple[float, float]] = field(default_factory=list)
    keeping: bool = False
    history: History | None = None
    flaps: Flaps | None = None
    blinks: Blinks | None = None
    usual: Usual | None = None
    restarts: Restarts | None = None
    past: Past | None = None
    twins: Twins | None = None

    def keep(self, kinds: Iterable[Keep]) -> None:
        """From now on the fact carries these."""
        for kind in sorted(kinds):
            if getattr(self, kind.value) is None:
                setattr(self, kind.value, _MADE[kind]())
            self.keeping = True

    def take(self, at: float, value: float) -> bool:
        """The next value; whether it closed an hour of the series. Counters keep their growth in
        the window, gauges their value.

        A counter that fell was reset: what it counts now is what it grew by (as Prometheus' rate
        does).
        """
        if self.counter:
            if self.at > 0.0:
                self.increase += value - self.value if value >= self.value else value
            kept = self.increase
        else:
            kept = value
        self.at = at
        self.value = value
        if self.window_seconds > 0.0:
            self.window.append((at, kept))
            self._forget(at - self.window_seconds)
        return self.keeping and self._remember(at, value)

    def _remember(self, at: float, value: float) -> bool:
        if self.flaps is not None:
            self.flaps.take(at, value)
        if self.blinks is not None:
            self.blinks.take(at, value)
        if self.usual is not None:
            self.usual.take(at, value)
        if self.restarts is not None:
            self.restarts.take(at, value)
        if self.history is None or value <= NOTHING_THERE.get(self.metric, -inf):
            return False
        if not self.history.take(at, value, self.metric in SPIKY):
            return False
        if self.past is not None:
            self.past.take(*self.history.last_hour())
        return True

    def _forget(self, before: float) -> None:
        """Drops what is older than the window, always keeping one point at or before its edge."""
        window = self.window
        while len(window) > 2 and window[1][0] <= before:
            del window[0]
        if len(window) > WINDOW_POINTS:
            del window[0]

    def growth(self, seconds: float) -> float:
        """How much a counter grew within the last `seconds`, from the last point before them on."""
        window = self.window
        if not window:
            return 0.0
        newest, total = window[-1]
        if total == window[0][1]:
            return 0.0
        place = bisect_right(window, (newest - seconds, inf)) - 1
        return total - window[max(place, 0)][1]

    def rate(self, seconds: float) -> float:
        """How much a counter grew a second within about the last `seconds`: by the time that really
        lies between the two points.
        """
        window = self.window
        if len(window) < 2:
            return 0.0
        newest, total = window[-1]
        place = max(bisect_right(window, (newest - seconds, inf)) - 1, 0)
        at, before = window[place]
        return (total - before) / (newest - at)

    def span(self) -> float:
        """How many seconds the window covers."""
        return self.window[-1][0] - self.window[0][0] if self.window else 0.0


_MADE: dict[Keep, type[History | Flaps | Blinks | Usual | Restarts | Past]] = {
    Keep.HISTORY: History,
    Keep.FLAPS: Flaps,
    Keep.BLINKS: Blinks,
    Keep.USUAL: Usual,
    Keep.RESTARTS: Restarts,
    Keep.PAST: Past,
}


def fact_key(metric: str, agent: str, instance: str) -> str:
    """The key of a fact within its target."""
    return f"{metric}|{agent}|{instance}"
