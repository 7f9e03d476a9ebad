"""What the judging engine knows: constant memory per series, plain values that go into a snapshot.

All times are event time in seconds since 1970 unless a name says otherwise.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from collector.changes import Flaps, Restarts, Usual
from collector.history import NOTHING_THERE, History
from collector.past import Past
from collector.words import Sentence
from telemetry.labels import Labels

DRAWN_POINTS = 60
"""How many points of a drawn series are kept."""

WINDOW_POINTS = 400
"""How many points a window may hold however densely they come."""


DELIVERY_SECONDS = 10.0
"""How long a result may take from the end of a check until it is here: a burst and a push."""


AGENT_CLASS = "agent"
"""The class of the state that is kept of an agent's word about itself."""


class HealthState(StrEnum):
    """What a target is at a moment: always exactly one of these."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    NOT_MEASURED = "not_measured"
    EXCUSED = "excused"


class Reach(StrEnum):
    """Whether a target answers, as far as one or all of its vantage points can tell."""

    OK = "ok"
    SUSPECT = "suspect"  # failed, but not often enough to believe it
    FAIL = "fail"
    UNKNOWN = "unknown"  # nobody measured it lately


class Keep(StrEnum):
    """What of its past a fact carries, because some rule asks for it."""

    HISTORY = "history"
    FLAPS = "flaps"
    USUAL = "usual"
    RESTARTS = "restarts"
    PAST = "past"


LEARNT_HOURS = 24
"""From so many hours on it is known where a fact stands among its twins as a rule."""


@dataclass(frozen=True, slots=True)
class Twins:
    """How a fact's peers stood at `at`: the median of their levels, how far they lie from it (the
    median of that), how many others there are; and where the fact itself stood. usual: how far it
    stands from them as a rule, learnt over so many hours.
    """

    at: float
    own: float
    median: float
    spread: float
    count: int
    usual: float
    learnt: int

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
        if self.usual is not None:
            self.usual.take(at, value)
        if self.restarts is not None:
            self.restarts.take(at, value)
        if self.history is None or value <= NOTHING_THERE.get(self.metric, -inf):
            return False
        if not self.history.take(at, value):
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


_MADE: dict[Keep, type[History | Flaps | Usual | Restarts | Past]] = {
    Keep.HISTORY: History,
    Keep.FLAPS: Flaps,
    Keep.USUAL: Usual,
    Keep.RESTARTS: Restarts,
    Keep.PAST: Past,
}


@dataclass(slots=True)
class Vantage:
    """How one agent's one check sees a target.

    period: how often it looks (the interval of the inventory, or longer when it is seen to be).
    misses_wanted: how many failures in a row are believed. not_before: after a parent's recovery no
    failure is believed before this time, so that the target is measured again first.
    """

    agent: str
    check: str
    period: float
    misses_wanted: int = 2
    at: float = 0.0
    ok: bool = True
    fails: int = 0
    goods: int = 0
    failing_since: float = 0.0
    good_since: float = 0.0
    not_before: float = 0.0
    gap: float = 0.0

    def observe(self, at: float, ok: bool, interval: float) -> None:
        """One more look at the target at `at`; `interval` is what the inventory says.

        What was seen before a gap in the looks proves nothing about what is seen after it.
        """
        gap = at - self.at if self.at else interval
        unbroken = gap <= self.grace()
        self.period = max(interval, min(gap, self.gap or gap))
        self.gap = gap
        self.at = at
        self.ok = ok
        if ok:
            self.goods = self.goods + 1 if unbroken else 1
            self.good_since = self.good_since if self.goods > 1 else at
            self.fails = 0
        else:
            self.fails = self.fails + 1 if unbroken else 1
            self.failing_since = self.failing_since if self.fails > 1 else at
            self.goods = 0

    def reach(self) -> Reach:
        """What this vantage alone says."""
        if self.ok:
            return Reach.OK
        if self.fails >= self.misses_wanted and self.at >= self.not_before:
            return Reach.FAIL
        return Reach.SUSPECT

    def grace(self) -> float:
        """How long its newest look may be believed: two and a half periods, and what a push takes."""
        return 2.5 * self.period + 15.0

    def overdue(self, at: float) -> bool:
        """Whether it should have looked again before `at` and said so: its agent may be cut off."""
        return at > self.word_by()

    def word_by(self) -> float:
        """By when its next look should have arrived."""
        return self.at + self.period + DELIVERY_SECONDS

    def fresh(self, at: float) -> bool:
        """Whether its newest look says anything about the moment `at`."""
        return self.at > 0.0 and abs(at - self.at) <= self.grace()

    def forgive(self, at: float) -> None:
        """A parent came back at `at`: earlier failures prove nothing; look again, for a whole
        period.
        """
        if not self.ok:
            self.fails = 0
            self.not_before = at + self.period


@dataclass(slots=True)
class Standing:
    """How one rule's condition of one instance has been going.

    question: which of the three it answers. level: the severity announced, empty when no finding
    stands. bad_since, critical_since: since when without a break, 0 when not. opened_at: when it was
    believed; since: when it had begun. held_until: not told before, since something nearer to the
    centre explained it a moment ago.
    """

    rule: str
    instance: str
    agent: str
    question: str = "limit"
    at: float = 0.0
    bad_since: float = 0.0
    critical_since: float = 0.0
    level: str = ""
    opened_at: float = 0.0
    since: float = 0.0
    held_until: float = 0.0
    reason: Sentence = field(default_factory=lambda: Sentence(""))


@dataclass(slots=True)
class Account:
    """Where each second of a target went.

    changes: the latest changes of state, oldest first: (since when, which). They may still be decided
    anew; what lies before the first of them, up to `until`, is settled in the totals for good.
    """

    begun: float = 0.0
    until: float = 0.0
    totals: dict[str, float] = field(default_factory=dict)
    changes: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class TargetState:
    """All that is known of a device or service.

    assumed_from: since when its state is concluded from silence, 0 while it is measured.
    """

    id: str
    site: str
    class_: str
    state: HealthState = HealthState.NOT_MEASURED
    since: float = 0.0
    clock: float = 0.0
    measured_at: float = 0.0
    cause: str = ""
    assumed_from: float = 0.0
    facts: dict[str, Fact] = field(default_factory=dict)
    vantages: dict[str, Vantage] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    account: Account = field(default_factory=Account)

    def fact(self, metric: str, agent: str, instance: str = "") -> Fact | None:
        """The fact of one series, if it was ever seen."""
        return self.facts.get(fact_key(metric, agent, instance))

    def newest(self, metric: str, instance: str) -> Fact | None:
        """The newest fact of a metric's instance over all agents."""
        found = [f for f in self.facts.values() if f.metric == metric and f.instance == instance]
        return max(found, key=lambda fact: fact.at, default=None)


@dataclass(slots=True)
class AgentState:
    """All that is known of an agent.

    watermark: newest event time received; heard_at: the collector's clock when anything last came;
    not_before: its silence counts from here on (its way to us has just come back);
    lagging: it is delivering a backlog; silent: it has said nothing for longer than it may; word_at: when
    it spoke of itself last; booted, started: when its machine and its program began;
    stop_clean, shutdown_clean: whether its program and its machine had ended in order before; gap_from,
    gap_until: the latest time of which it has measured nothing. buffered: how many samples it still
    held. skew: how many seconds its clock is
    slow (fast, if negative), which is taken out of all times; astray: the same, where that is so much that
    nothing of what it sends is taken; steady_behind, steady_since: how old its newest samples have been on
    arrival, and since when about so old.
    """

    id: str
    site: str
    watermark: float = 0.0
    heard_at: float = 0.0
    not_before: float = 0.0
    lagging: bool = False
    silent: bool = False
    version: str = ""
    word_at: float = 0.0
    booted: float = 0.0
    started: float = 0.0
    stop_clean: bool | None = None
    shutdown_clean: bool | None = None
    gap_from: float = 0.0
    gap_until: float = 0.0
    buffered: float = 0.0
    skew: float = 0.0
    astray: float = 0.0
    steady_behind: float = 0.0
    steady_since: float = 0.0


def fact_key(metric: str, agent: str, instance: str) -> str:
    """The key of a fact within its target."""
    return f"{metric}|{agent}|{instance}"
