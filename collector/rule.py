"""The contract of a rule: facts and the time in, conditions with a reason out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from collector.fact import Fact, Keep
from collector.figures import Figure, plain
from collector.state import AGENT_CLASS, Standing, TargetState
from collector.words import Sentence
from inventory.expectation import Limit


class Severity(StrEnum):
    """How much a finding matters to the people at the office."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for critical."""
        return _RANKS[self]


_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class Question(StrEnum):
    """Which question a finding answers; the strongest first."""

    LIMIT = "limit"  # against the limit that is expected of it
    PAST = "past"  # against its own past
    TWINS = "twins"  # against the same kind of equipment elsewhere


class Pace(StrEnum):
    """When a rule looks."""

    SAMPLE = "sample"  # at every new value
    HOUR = "hour"  # when an hour of the series is complete


class Blame(StrEnum):
    """On what a finding of the rule is laid."""

    DEVICE = "device"
    LINE = "line"  # the line that ends at the port or modem, if the inventory knows one
    POWER = "power"  # the site's power supply
    BATTERY = "battery"  # the site's power while it is off, else the device
    SERVER = (
        "server"  # what all of them depend on at the centre, when most show it, else the device
    )
    RESTARTS = "restarts"  # the site's power when its neighbours restart with it, else the device


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong with a target or an agent, as one rule sees it.

    subject: `device:ID` or `agent:ID` (services are devices of class `service`). instance: the
    interface, sensor, volume … or empty. since: event time at which the trouble began. reason: one
    sentence with what was measured, what was expected. question: which of the three questions
    spoke.
    """

    rule: str
    subject: str
    site: str
    instance: str
    severity: Severity
    since: float
    reason: Sentence
    question: Question = Question.LIMIT

    @classmethod
    def of(cls, target: TargetState, standing: Standing) -> Finding:
        """The finding that a standing of this target stands for."""
        kind = AGENT_CLASS if target.class_ == AGENT_CLASS else "device"
        return cls(
            rule=standing.rule,
            subject=f"{kind}:{target.id}",
            site=target.site,
            instance=standing.instance,
            severity=Severity(standing.level),
            since=standing.since,
            reason=standing.reason,
            question=Question(standing.question),
        )

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding when it is seen again: rule, subject, instance."""
        return (self.rule, self.subject, self.instance)

    @property
    def weight(self) -> tuple[int, int]:
        """How much it says beside another one of the same key: the severity, then the question."""
        return (self.severity.rank, -list(Question).index(self.question))

    @property
    def target(self) -> str:
        """The id of the device, service or agent it speaks of."""
        return self.subject.partition(":")[2]


class Reading(StrEnum):
    """How one look at the facts compares with what is expected."""

    FINE = "fine"
    BETWEEN = "between"  # not bad enough to open, not good enough to close
    BAD = "bad"
    CRITICAL = "critical"


UNSAID = Sentence("")
"""The reason of a reading that nobody will be told of: writing it would be most of the work."""

_TOLD = frozenset({Reading.BAD, Reading.CRITICAL})


def is_told(reading: Reading) -> bool:
    """Whether a reading may become a finding, and so needs a reason."""
    return reading in _TOLD


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule sees at one moment; whether it has lasted long enough is decided elsewhere.

    for_seconds: how long it must be bad without a break before it becomes a finding.
    severity, critical_severity: what a bad and a critical reading become. began: since when it has
    been so, where the rule knows better than that it was not so a moment ago; 0 where it does not.
    """

    reading: Reading
    reason: Sentence
    for_seconds: float
    severity: Severity = Severity.WARNING
    critical_severity: Severity = Severity.CRITICAL
    began: float = 0.0


FINE = Condition(Reading.FINE, UNSAID, 0.0)
"""What nearly every look ends in: one value for all of them."""


Heeds = Callable[[Fact, TargetState, Reading], bool]
"""Whether what a rule has read means anything at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(ABC):
    """One way of telling that something is wrong: a declaration, and `judge`. Pure: no clock, no
    memory of its own. Rules of one name are one fault seen in several ways: of each instance the
    strongest speaks.

    name: what findings bear. metric: the metric whose arrival makes it look; beside: what else it
    needs kept. limit: the name of its thresholds in the expectations, the metric's if not given.

    headline: what is wrong, with {name} in place of the device's name. template: the reason, with
    the places {value}, {instance} and those that its kind names. advice: what to try first. figure:
    how a value is written for people.

    question: which of the three it asks. pace: when it looks. window_seconds: how far back it looks
    at every single value, 0 for the newest only. keeps: what else of the past its facts must carry.
    heeds: while it says no, all is fine.

    path: it tells of the way to the target, so the same fault nearer to the centre explains it.
    suffers: a bad way to the target shows in it as well; then it has nothing to say. blames: on what
    its findings are laid. severity, critical_severity: what a bad and a critical reading become.
    """

    name: str
    metric: str
    beside: tuple[str, ...] = ()
    limit: str = ""
    headline: str
    template: str
    advice: str
    figure: Figure = plain
    question: Question = Question.LIMIT
    pace: Pace = Pace.SAMPLE
    window_seconds: float = 0.0
    keeps: frozenset[Keep] = frozenset()
    heeds: Heeds | None = None
    path: bool = False
    suffers: bool = False
    blames: Blame = Blame.DEVICE
    severity: Severity = Severity.WARNING
    critical_severity: Severity = Severity.CRITICAL

    def __post_init__(self) -> None:
        if not self.limit:
            object.__setattr__(self, "limit", self.metric)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of which it needs the facts, first the one that it looks at."""
        return (self.metric, *self.beside)

    @abstractmethod
    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The condition of the fact's instance at `at`; None when there is too little to say."""

    def condition(
        self,
        reading: Reading,
        fact: Fact,
        for_seconds: float,
        began: float = 0.0,
        **places: float | str,
    ) -> Condition:
        """What a reading comes to. places: what to put into the template, figures as numbers; they are
        written out only where somebody may be told.
        """
        if reading is Reading.FINE:
            return FINE
        if not is_told(reading):
            return Condition(reading, UNSAID, for_seconds)
        values = {
            place: value if isinstance(value, str) else self.figure(value)
            for place, value in places.items()
        }
        reason = Sentence(self.template, values | {"instance": fact.instance})
        return Condition(reading, reason, for_seconds, self.severity, self.critical_severity, began)


def compare(value: float, limit: Limit) -> Reading:
    """Where a value stands against a limit: between `clear` and `degraded` nothing changes."""
    level = limit.level(value)
    if level is not None:
        return Reading.CRITICAL if level == "critical" else Reading.BAD
    return Reading.FINE if limit.cleared(value) else Reading.BETWEEN
