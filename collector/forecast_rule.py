"""Rules that say when something will fail at the rate at which it has been getting worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.figures import Figure
from collector.history import DAY_HOURS, HOUR, History
from collector.rule import FINE, UNSAID, Blame, Condition, Pace, Question, Reading, Severity
from collector.state import Fact, Keep, TargetState
from collector.trend import Point, Trend, since_last_relief, trend_of
from collector.words import Sentence
from inventory.expectation import Limit

DAY = HOUR * DAY_HOURS

FAR_AHEAD = 1.5
"""A failure that moves so much further away than is told of is no longer told of."""

LEVEL_DAYS = 4

DaysOf = Callable[[Fact, TargetState], Sequence[Point]]
"""What of a fact is followed from day to day."""


@dataclass(frozen=True, slots=True)
class ForecastRule:
    """The daily values of one metric, followed to the value at which it fails. Implements
    `collector.rule.Rule`.

    Its limit reads: `degraded` is the value at which it fails, `for` how far ahead that is told.
    It looks once a day. least: what change matters at all. template: what to say, with the places
    {value}, {rate} (a week), {limit}, {date} and {instance}.
    """

    name: str
    metric: str
    limit: str
    days_of: DaysOf
    least: float
    headline: str
    template: str
    advice: str
    figure: Figure
    rate: Figure
    beside: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING
    blames: Blame = Blame.DEVICE
    path: bool = False
    suffers: bool = False
    window_seconds: float = 0.0
    question: Question = Question.PAST
    pace: Pace = Pace.HOUR
    keeps: frozenset[Keep] = frozenset({Keep.HISTORY})

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metric that it follows, and what is kept beside it."""
        return (self.metric, *self.beside)

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Bad while the line reaches the failing value within the time that the limit gives."""
        fails = limit.degraded
        if fact.metric != self.metric or fails is None:
            return None
        if fact.history is None or not _day_just_closed(fact.history):
            return None
        worse = 1.0 if limit.direction == "above" else -1.0
        points = since_last_relief(self.days_of(fact, target), worse)
        trend = trend_of(points, self.least)
        if trend is None or trend.slope * worse <= 0.0:
            return (
                FINE if _is_level(points, self.least) else Condition(Reading.BETWEEN, UNSAID, 0.0)
            )
        left = trend.days_until(fails) if (fails - trend.now) * worse > 0.0 else 0.0
        if left * DAY > limit.for_seconds:
            far = left * DAY > FAR_AHEAD * limit.for_seconds
            return FINE if far else Condition(Reading.BETWEEN, UNSAID, 0.0)
        reason = self._reason(fact, trend, fails, at + left * DAY)
        began = min(at, trend.begun * DAY)
        return Condition(Reading.BAD, reason, 0.0, self.severity, began=began)

    def _reason(self, fact: Fact, trend: Trend, fails: float, when: float) -> Sentence:
        values = {
            "value": self.figure(trend.now),
            "rate": self.rate(abs(trend.slope) * 7.0),
            "limit": self.figure(fails),
            "date": f"{datetime.fromtimestamp(when, UTC):%d/%m/%Y}",
            "instance": fact.instance,
        }
        return Sentence(self.template, values)


def medians(fact: Fact, target: TargetState) -> Sequence[Point]:
    """The median of each day."""
    return [(day, middle) for day, middle, _ in fact.history.days] if fact.history else []


def minima(fact: Fact, target: TargetState) -> Sequence[Point]:
    """The least hour of each day: what stays when all that comes and goes is gone."""
    return [(day, least) for day, _, least in fact.history.days] if fact.history else []


def _is_level(points: Sequence[Point], least: float) -> bool:
    """Whether the latest days hardly differ, or something has just put an end to the decline."""
    values = [value for _, value in points[-LEVEL_DAYS:]]
    return len(values) < LEVEL_DAYS or max(values) - min(values) < least


def _day_just_closed(history: History) -> bool:
    """Whether the newest closed hour was the last one of the newest closed day."""
    return bool(history.days) and history.hours[-1][0] // DAY_HOURS == history.days[-1][0]
