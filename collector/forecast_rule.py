"""Rules that say when something will fail at the rate at which it has been getting worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.fact import Fact, Keep
from collector.figures import Figure
from collector.history import DAY_HOURS, HOUR, History
from collector.rule import Condition, Pace, Question, Reading, Rule
from collector.state import TargetState
from collector.trend import Point, Trend, since_last_relief, trend_of, without_visits
from inventory.expectation import Limit

DAY = HOUR * DAY_HOURS

FAR_AHEAD = 1.5
"""A failure that moves so much further away than is told of is no longer told of."""

LEVEL_DAYS = 4

DaysOf = Callable[[Fact, TargetState], Sequence[Point]]
"""What of a fact is followed from day to day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRule(Rule):
    """The daily values of one metric, followed to the value at which it fails.

    Its limit reads: `degraded` is the value at which it fails, `for` how far ahead that is told.
    It looks once a day. days_of: what is followed. least: what change matters at all, and
    least_share: what share of where the line begins. tidies: it may be growing on purpose, as caches
    and logs do until they are cleared: how far it has come back from without a restart is no failure.
    template: with the places {rate} (a week, by the figure `rate`), {limit} and {date}, too.
    """

    days_of: DaysOf
    least: float
    rate: Figure
    least_share: float = 0.0
    tidies: bool = False
    question: Question = Question.PAST
    pace: Pace = Pace.HOUR
    keeps: frozenset[Keep] = frozenset({Keep.HISTORY})

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Bad while the line reaches the failing value within the time that the limit gives."""
        fails = limit.degraded
        if fails is None or fact.history is None or not _day_just_closed(fact.history):
            return None
        worse = 1.0 if limit.direction == "above" else -1.0
        days = without_visits(self.days_of(fact, target), worse, self.least)
        points = since_last_relief(days, worse)
        trend = trend_of(points, self.least)
        if trend is None or trend.slope * worse <= 0.0:
            level = _is_level(points, self.least)
            return self.condition(Reading.FINE if level else Reading.BETWEEN, fact, 0.0)
        before = days[: len(days) - len(points)]
        if not self._is_ageing(trend, fails, worse) or self._comes_back(
            target, before, trend, worse
        ):
            return self.condition(Reading.FINE, fact, 0.0)
        left = trend.days_until(fails) if (fails - trend.now) * worse > 0.0 else 0.0
        if left * DAY > limit.for_seconds:
            far = left * DAY > FAR_AHEAD * limit.for_seconds
            return self.condition(Reading.FINE if far else Reading.BETWEEN, fact, 0.0)
        return self.condition(
            Reading.BAD,
            fact,
            0.0,
            began=min(at, trend.begun * DAY),
            value=trend.now,
            rate=self.rate(abs(trend.slope) * 7.0),
            limit=fails,
            date=f"{datetime.fromtimestamp(at + left * DAY, UTC):%d/%m/%Y}",
        )

    def _is_ageing(self, trend: Trend, fails: float, worse: float) -> bool:
        """Whether the line leads from where all is well, and far enough from there."""
        start = trend.now - trend.change
        well = (fails - start) * worse > 0.0
        return well and abs(trend.change) >= self.least_share * abs(start)

    def _comes_back(
        self, target: TargetState, before: Sequence[Point], trend: Trend, worse: float
    ) -> bool:
        """Whether it has come back by itself from as far as the line has got now."""
        if not self.tidies or not before or _restarted(target, before[-1][0] + 1.0):
            return False
        return trend.now * worse < max(value * worse for _, value in before) + self.least


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


def _restarted(target: TargetState, day: float) -> bool:
    """Whether the device started anew on that day, or on the one before."""
    begun = (day - 1.0) * DAY
    return any(begun <= time < begun + 2.0 * DAY for one in target.restarts() for time in one.times)


def _day_just_closed(history: History) -> bool:
    """Whether the newest closed hour was the last one of the newest closed day."""
    return bool(history.days) and history.hours[-1][0] // DAY_HOURS == history.days[-1][0]
