"""What every peer has: rules that watch objects, and alarms that are raised and cleared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.yardstick.told import Mention, Told
from simulator.scenarios.layout import CENTRE, CORE, SEEN_FROM_THE_CENTRE
from telemetry.sample import Batch, Series

INSTANCES = ("check", "interface", "sensor", "fan", "supply", "cpu", "pool", "volume", "rectifier",
             "phase", "peripheral")  # fmt: skip
"""Labels that tell apart the objects of one device."""


class Alarm:
    """One object and one rule: raised after it was bad for long enough, cleared when it is good."""

    def __init__(
        self, ledger: dict[str, Told], rule: str, cause: str, metrics: frozenset[str]
    ) -> None:
        self._ledger = ledger
        self._rule = rule
        self._cause = cause
        self._metrics = metrics
        self._bad_since: float | None = None
        self._open: Told | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is or was just about to be wrong."""
        return self._bad_since is None and self._open is None

    def bad(self, t: float, for_seconds: float = 0.0, why: str = "") -> None:
        """It is bad at `t`; raised at the moment when it has been so for `for_seconds`."""
        if self._bad_since is None:
            self._bad_since = t
        if self._open is None and t - self._bad_since >= for_seconds:
            at = self._bad_since + for_seconds
            self._open = Told(f"{self._rule}/{self._cause}@{at:.0f}", at, self._cause)
            target = self._cause.partition(":")[2]
            self._open.mentions.append(Mention(at, self._rule, target, self._metrics, why))
            self._ledger[self._open.id] = self._open

    def fine(self, t: float) -> None:
        """It is good again at `t`."""
        self._bad_since = None
        if self._open is not None:
            self._open.resolved_at = t
            self._open = None

    def either(self, is_bad: bool, t: float, for_seconds: float = 0.0, why: str = "") -> None:
        """Bad or good, without hysteresis."""
        if is_bad:
            self.bad(t, for_seconds, why)
        elif self._bad_since is not None:
            self.fine(t)


class Watcher(ABC):
    """One rule at one object. `alarm` is its own; `labels` those of the series that it saw first."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        self.alarm = alarm
        self.labels = labels

    @abstractmethod
    def take(self, t: float, metric: str, value: float) -> None:
        """A sample of one of the rule's metrics has come."""


@dataclass(frozen=True)
class Rule:
    """name; metrics whose samples it takes; make: its watcher; only: labels that must fit."""

    name: str
    metrics: tuple[str, ...]
    make: Callable[[Alarm, dict[str, str]], Watcher]
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def fits(self, labels: dict[str, str]) -> bool:
        """Whether the rule looks at such a series."""
        return all(labels.get(name, "") in values for name, values in self.only)


@dataclass(frozen=True)
class Kind:
    """A monitor with its default rules. every: seconds between two looks, 0 for all that there are."""

    name: str
    rules: tuple[Rule, ...]
    every: float = 0.0


class Peer:
    """Runs one monitor's rules over the batches."""

    def __init__(self, kind: Kind) -> None:
        self.name = kind.name
        self.told: dict[str, Told] = {}
        self._rules: dict[str, list[Rule]] = {}
        for rule in kind.rules:
            for metric in rule.metrics:
                self._rules.setdefault(metric, []).append(rule)
        self._watchers: dict[tuple[str, str, str], Watcher] = {}
        self._by_series: dict[Series, Sequence[Watcher]] = {}
        self._every = kind.every
        self._looked: dict[Series, float] = {}

    def take(self, at: float, batch: Batch) -> None:
        """Judges one batch, each sample at its own time."""
        by_series = self._by_series
        for series, stamps, values in batch.points:
            watchers = by_series.get(series)
            if watchers is None:
                watchers = by_series[series] = self._find(series)
            if not watchers:
                continue
            if self._every and not self._due(series, stamps[0] / 1000.0):
                continue
            for watcher in watchers:
                for stamp, value in zip(stamps, values, strict=True):
                    watcher.take(stamp / 1000.0, series.name, value)

    def _due(self, series: Series, t: float) -> bool:
        """Whether it is time to look at the series again."""
        if t - self._looked.get(series, 0.0) < self._every:
            return False
        self._looked[series] = t
        return True

    def _find(self, series: Series) -> Sequence[Watcher]:
        labels = dict(series.labels)
        if _asked_twice(series.name, labels):
            return ()
        return [
            self._watcher(rule, labels)
            for rule in self._rules.get(series.name, ())
            if rule.fits(labels)
        ]

    def _watcher(self, rule: Rule, labels: dict[str, str]) -> Watcher:
        device = labels.get("device", "")
        cause = f"device:{device}" if device else f"agent:{labels.get('agent', '')}"
        instance = next((labels[name] for name in INSTANCES if name in labels), "")
        key = (rule.name, cause, instance)
        if key not in self._watchers:
            name = f"{rule.name}[{instance}]" if instance else rule.name
            alarm = Alarm(self.told, name, cause, frozenset(rule.metrics))
            self._watchers[key] = rule.make(alarm, labels)
        return self._watchers[key]


def _asked_twice(metric: str, labels: dict[str, str]) -> bool:
    """A monitor asks from one place: doors, routers and the core are pinged from the centre."""
    pinged = metric.startswith("icmp_") or labels.get("check") == "icmp"
    far = labels.get("device") == CORE or labels.get("class") in SEEN_FROM_THE_CENTRE
    return pinged and far and labels.get("agent") != CENTRE
