"""Rules that hold a bad part against the whole: so many of the frames are broken, or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.figures import percent
from collector.rule import FINE, UNSAID, Blame, Condition, Pace, Question, Reading, compare, is_told
from collector.state import Fact, Keep, TargetState
from collector.words import Sentence
from inventory.expectation import Limit

MIN_FRAMES = 200.0
"""On an idle port a single bad frame is a large share and means nothing."""

MIN_BAD_FRAMES = 5.0


@dataclass(frozen=True, slots=True)
class ShareRule:
    """Bad frames as a share of all frames of their direction, over the window of the limit.

    The share, not the rate, tells a sick port from a busy one (Checkmk's default judges so too).
    wholes: for the counter of the bad frames the one of the good. templates: what to say of it.
    Implements `collector.rule.Rule`.
    """

    name: str
    limit: str
    wholes: Mapping[str, str]
    templates: Mapping[str, str]
    headline: str
    advice: str
    window_seconds: float
    blames: Blame = Blame.LINE
    path: bool = False
    suffers: bool = False
    question: Question = Question.LIMIT
    pace: Pace = Pace.SAMPLE
    keeps: frozenset[Keep] = frozenset()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The counters on both sides of the share."""
        return tuple(dict.fromkeys((*self.wholes, *self.wholes.values())))

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The share over the window; None while too few frames have passed to say anything."""
        whole = self.wholes.get(fact.metric)
        span = min(limit.for_seconds, self.window_seconds)
        if whole is None or fact.span() < 0.75 * span:
            return None
        bad = fact.growth(span)
        if bad <= 0.0:
            return FINE
        frames = target.fact(whole, fact.agent, fact.instance)
        if frames is None:
            return None
        total = bad + frames.growth(span)
        reading = compare(bad / total, limit)
        if is_told(reading) and (bad < MIN_BAD_FRAMES or total < MIN_FRAMES):
            reading = Reading.BETWEEN
        return Condition(reading, self._reason(fact, limit, reading, bad / total), for_seconds=0.0)

    def _reason(self, fact: Fact, limit: Limit, reading: Reading, share: float) -> Sentence:
        if not is_told(reading):
            return UNSAID
        values = {
            "value": percent(share),
            "limit": percent(limit.degraded or 0.0),
            "instance": fact.instance,
        }
        return Sentence(self.templates[fact.metric], values)
