"""The forms that default rules take: a limit, a window, a rate, a share, a change."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from benchmarks.peers.peer import Alarm, Watcher

Make = Callable[[Alarm, dict[str, str]], Watcher]
Aggregate = Literal["min", "max", "avg", "last"]


LEAST_VALUES = 2
"""A window is never so short that a single value fills it: our agents poll SNMP every five minutes, the
others' windows are made for every minute.
"""


class Window:
    """The values of the last so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._points: deque[tuple[float, float]] = deque()

    def add(self, t: float, value: float) -> None:
        """One more; the oldest fall out."""
        points = self._points
        points.append((t, value))
        while points[0][0] <= t - self._seconds and len(points) > LEAST_VALUES:
            points.popleft()

    @property
    def filled(self) -> bool:
        """Whether there is more than one value."""
        return len(self._points) >= LEAST_VALUES

    def of(self, aggregate: Aggregate) -> float:
        """The smallest, greatest, mean or newest value."""
        values = [value for _, value in self._points]
        match aggregate:
            case "min":
                return min(values)
            case "max":
                return max(values)
            case "avg":
                return sum(values) / len(values)
            case "last":
                return values[-1]


class _LimitWatcher(Watcher):
    """An aggregate over a window against a limit, with its own limit for good again."""

    def __init__(self, alarm: Alarm, labels: dict[str, str], rule: Limit) -> None:
        super().__init__(alarm, labels)
        self._rule = rule
        self._window = Window(rule.window)

    def take(self, t: float, metric: str, value: float) -> None:
        rule = self._rule
        found = value
        if rule.window:
            self._window.add(t, value)
            found = self._window.of(rule.aggregate)
        if rule.bad(found):
            if not rule.window or self._window.filled:
                self.alarm.bad(t, rule.for_seconds, f"{metric} {rule.aggregate} {found:g}")
        elif self.alarm.idle:
            return
        elif rule.good(self._window.of(rule.good_aggregate) if rule.good_aggregate else found):
            self.alarm.fine(t)


class Limit:
    """`aggregate` over `window` seconds beyond a limit for `for_seconds`; good again: beyond `clear`."""

    def __init__(
        self,
        above: float | None = None,
        below: float | None = None,
        *,
        clear: float | None = None,
        window: float = 0.0,
        aggregate: Aggregate = "last",
        good_aggregate: Aggregate | None = None,
        for_seconds: float = 0.0,
    ) -> None:
        self._above, self._below, self._clear = above, below, clear
        self.window, self.aggregate, self.good_aggregate = window, aggregate, good_aggregate
        self.for_seconds = for_seconds

    def __call__(self, alarm: Alarm, labels: dict[str, str]) -> Watcher:
        """Its watcher at one object."""
        return _LimitWatcher(alarm, labels, self)

    def bad(self, value: float) -> bool:
        """Beyond the limit."""
        over = self._above is not None and value > self._above
        return over or (self._below is not None and value < self._below)

    def good(self, value: float) -> bool:
        """Back on the right side of the clear value, or of the limit where there is none."""
        if self._clear is None:
            return not self.bad(value)
        return value < self._clear if self._above is not None else value > self._clear


class Misses(Watcher):
    """So many zeroes in a row."""

    def __init__(self, alarm: Alarm, labels: dict[str, str], count: int) -> None:
        super().__init__(alarm, labels)
        self._count = count
        self._zeroes = 0

    def take(self, t: float, metric: str, value: float) -> None:
        """One more look."""
        self._zeroes = 0 if value else self._zeroes + 1
        self.alarm.either(self._zeroes >= self._count, t, why=f"{self._zeroes} misses")


def misses(count: int) -> Make:
    """`max(value, #count) = 0`."""
    return lambda alarm, labels: Misses(alarm, labels, count)


class Rate:
    """The growth of a counter per second between two samples; None at the first and after a reset."""

    def __init__(self) -> None:
        self._at = self._total = -1.0

    def of(self, t: float, total: float) -> float | None:
        """The rate up to `t`."""
        at, before = self._at, self._total
        self._at, self._total = t, total
        if at < 0 or total < before or t <= at:
            return None
        return (total - before) / (t - at)


class _RateLimit(Watcher):
    """The greater of the two directions' rates; judged when the last metric has come."""

    def __init__(self, alarm: Alarm, labels: dict[str, str], rule: Limit) -> None:
        super().__init__(alarm, labels)
        self._rates: dict[str, Rate] = {}
        self._now: dict[str, float] = {}
        self._limit = _LimitWatcher(alarm, labels, rule)

    def take(self, t: float, metric: str, value: float) -> None:
        rate = self._rates.setdefault(metric, Rate()).of(t, value)
        if rate is None:
            self._now.pop(metric, None)
        else:
            self._now[metric] = self.judged(rate)
        if self._now and metric.startswith("interface_transmit"):
            self._limit.take(t, metric, max(self._now.values()))

    def judged(self, rate: float) -> float:
        """What of the rate is held against the limit."""
        return rate


def rate_of(rule: Limit) -> Make:
    """The limit on the greater of the rates in and out."""
    return lambda alarm, labels: _RateLimit(alarm, labels, rule)


class _Share(Watcher):
    """Bad packets as a share of all, in each direction; judged when the last metric has come."""

    def __init__(
        self, alarm: Alarm, labels: dict[str, str], rule: Limit, bad: tuple[str, ...], all_: str
    ) -> None:
        super().__init__(alarm, labels)
        self._rates: dict[str, Rate] = {}
        self._now: dict[str, float] = {}
        self._limit = _LimitWatcher(alarm, labels, rule)
        self._bad, self._all = bad, all_

    def take(self, t: float, metric: str, value: float) -> None:
        rate = self._rates.setdefault(metric, Rate()).of(t, value)
        if rate is None:
            self._now.pop(metric, None)
            return
        self._now[metric] = rate
        if metric == self._bad[-1] and self._all in self._now:
            broken = sum(self._now.get(name, 0.0) for name in self._bad)
            whole = self._now[self._all] + broken
            self._limit.take(t, metric, broken / whole if whole > 0 else 0.0)


def share_of(bad: tuple[str, ...], all_: str, rule: Limit) -> Make:
    """`sum(bad) / (all + sum(bad))` against a limit."""
    return lambda alarm, labels: _Share(alarm, labels, rule, bad, all_)


class _Use(_RateLimit):
    """Byte counters against the speed of their interface."""

    _speed = 0.0

    def take(self, t: float, metric: str, value: float) -> None:
        if metric == "interface_speed_bits_per_second":
            self._speed = value
        elif self._speed:
            super().take(t, metric, value)

    def judged(self, rate: float) -> float:
        return 8.0 * rate / self._speed


def use_of(rule: Limit) -> Make:
    """Bits per second as a share of the interface's speed against a limit."""
    return lambda alarm, labels: _Use(alarm, labels, rule)


class _Fell(Watcher):
    """Lower than before; good again when it rises, or equals what it was at first."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._before: float | None = None

    def take(self, t: float, metric: str, value: float) -> None:
        before, self._before = self._before, value
        if before is None:
            return
        if value < before:
            self.alarm.bad(t, why=f"{metric} fell from {before:g} to {value:g}")
        elif value > before:
            self.alarm.fine(t)


def fell() -> Make:
    """`last < previous`."""
    return _Fell


class _Differs(Watcher):
    """Not what it was when it was first seen."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._first: float | None = None

    def take(self, t: float, metric: str, value: float) -> None:
        if self._first is None:
            self._first = value
        self.alarm.either(value != self._first, t, why=f"{metric} {value:g}, found {self._first:g}")


def differs() -> Make:
    """The state or speed that was discovered is expected for ever."""
    return _Differs


class _Changes(Watcher):
    """Changes of state within a window."""

    def __init__(self, alarm: Alarm, labels: dict[str, str], count: int, window: float) -> None:
        super().__init__(alarm, labels)
        self._count, self._window = count, window
        self._changed: deque[float] = deque()
        self._last: float | None = None

    def take(self, t: float, metric: str, value: float) -> None:
        if self._last is not None and value != self._last:
            self._changed.append(t)
        self._last = value
        while self._changed and self._changed[0] < t - self._window:
            self._changed.popleft()
        many = len(self._changed)
        self.alarm.either(many > self._count, t, why=f"{many} changes")


def changes(count: int, window: float) -> Make:
    """`changes(value[window]) > count`."""
    return lambda alarm, labels: _Changes(alarm, labels, count, window)
