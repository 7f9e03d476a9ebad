"""What the judging engine knows: constant memory per series, plain values that go into a snapshot.

All times are event time in seconds since 1970 unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from collector.changes import Restarts
from collector.fact import Fact, fact_key
from collector.vantage import Vantage
from collector.words import Sentence

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


ILL_FIRST = (
    HealthState.DOWN,
    HealthState.UNREACHABLE,
    HealthState.DEGRADED,
    HealthState.NOT_MEASURED,
    HealthState.EXCUSED,
    HealthState.UP,
)
"""The states, the worst first: so pages order them, and so a site is what its worst device is."""

GONE = frozenset({HealthState.DOWN, HealthState.UNREACHABLE})
"""The states in which nobody reaches a target."""


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

    def restarts(self) -> list[Restarts]:
        """When it restarted lately, as each agent tells that asks for its uptime."""
        return [fact.restarts for fact in self.facts.values() if fact.restarts is not None]

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
    arrival, and since when about so old. known_since: when it was heard first;
    pauses: when its latest long ones between two signs of life were over, and how long they were;
    faults: by check, the targets of the latest ones that it could not
    make; talking_since: since when it is heard without a pause, by the collector's clock; blind_since: since
    when it has seen nothing although it works, 0 while it sees.
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
    known_since: float = 0.0
    pauses: list[tuple[float, float]] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)
    talking_since: float = 0.0
    blind_since: float = 0.0
    steady_behind: float = 0.0
    steady_since: float = 0.0
