"""Rules that hold a bad part against the whole: so many of the frames are broken, or thrown away."""

from __future__ import annotations

from dataclasses import dataclass

from collector.fact import Fact
from collector.figures import Figure, percent
from collector.rule import FINE, Blame, Condition, Reading, Rule, compare, is_told
from collector.state import TargetState
from inventory.expectation import Limit

MIN_FRAMES = 200.0
"""On an idle port a single bad frame is a large share and means nothing."""

MIN_BAD_FRAMES = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRule(Rule):
    """Bad frames as a share of all frames of their direction, over the window of the limit.

    The share, not the rate, tells a sick port from a busy one (Checkmk's default judges so too).
    whole: the counter of the good frames of the same direction. template: with the place {limit}, too.
    """

    whole: str
    figure: Figure = percent
    blames: Blame = Blame.LINE

    @property
    def metrics(self) -> tuple[str, ...]:
        """The counters on both sides of the share."""
        return (self.metric, self.whole)

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The share over the window; None while too few frames have passed to say anything."""
        span = min(limit.for_seconds, self.window_seconds)
        if fact.span() < 0.75 * span:
            return None
        bad = fact.growth(span)
        if bad <= 0.0:
            return FINE
        good = target.fact(self.whole, fact.agent, fact.instance)
        if good is None:
            return None
        total = bad + good.growth(span)
        share = bad / total
        reading = compare(share, limit)
        if is_told(reading) and (bad < MIN_BAD_FRAMES or total < MIN_FRAMES):
            reading = Reading.BETWEEN
        return self.condition(reading, fact, 0.0, value=share, limit=limit.degraded or 0.0)
