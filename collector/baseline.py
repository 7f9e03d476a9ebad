"""A series against its own past: what it has learnt, and how surprising the next sample is.

The one judge of "against its own past": the engine's rules and `ltmon collector baseline` call it.

    baseline = Baseline(least=0.5)          # one per series, kept in the engine's knowledge
    verdict = observe(baseline, at, value)  # once per sample, in order of time
    if verdict.alarm: ...                   # an episode begins here; once per episode

How it works (docs/judging.md, "Against its own past"): four views of the series – its value, its
fast mean, its running deviation, and what is left after the habit of that hour – each know the
range seen lately. A sample is surprising by how far it lies outside a range, in widths of that
range. An alarmed baseline does not learn, until what alarmed it has lasted so long that it is
accepted as the new normal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from collector.habit import Habit
from collector.seen_range import SeenRange

WARM_SAMPLES = 50
WARM_SECONDS = 86_400.0
WARM_ENOUGH = 300
"""It says nothing before it has seen a day and this many samples, or enough samples anyhow."""

LIMIT = 0.15
"""How many widths outside a range score 0.5 and alarm."""

FAST_WEIGHT = 1 / 8
"""How quickly the fast mean and the running deviation follow."""

RELATIVE_FLOOR = 0.02
"""A range is never taken for narrower than this share of the level: rounding is no news."""

QUIET_SAMPLES = 12
"""An episode is over when this many samples in a row were no surprise."""

ACCEPTED_SAMPLES = 288
ACCEPTED_SECONDS = 86_400.0
"""What alarmed is the new normal after it has lasted for this many samples and this long."""


class Surprise(StrEnum):
    """What kind of surprise a sample is."""

    NONE = ""
    RANGE = "range"  # a value never seen lately
    LEVEL = "level"  # the level has shifted
    UNSTEADY = "unsteady"  # it swings more (or less) than it did
    HABIT = "habit"  # not what this hour of the day usually brings
    DRIFT = "drift"  # it creeps in one direction


class Verdict(NamedTuple):
    """What one sample says.

    score: 0 nothing new … 1 never seen; 0.5 alarms; low again while an episode goes on. alarm: an
    episode begins with this sample. alarmed: an episode stands. surprise: of this sample, and of
    the episode while one stands. expected, spread: the usual level and how far from it is usual, in
    the series' unit. since: when the episode began, 0 when none stands. accepted: with this sample
    the new level has lasted so long that it is normal from now on.
    """

    score: float
    alarm: bool
    alarmed: bool
    surprise: Surprise
    expected: float
    spread: float
    since: float
    accepted: bool


@dataclass(slots=True)
class Baseline:
    """What is known of one series: plain values, constant memory; the same samples, the same bytes.

    least: the least change that matters, in the series' unit; what is less never alarms.
    """

    least: float = 0.0
    at: float = 0.0
    begun: float = 0.0
    samples: int = 0
    mean: float = 0.0
    level: float = 0.0
    spread: float = 0.0
    values: SeenRange = field(default_factory=SeenRange)
    means: SeenRange = field(default_factory=SeenRange)
    swings: SeenRange = field(default_factory=SeenRange)
    odds: SeenRange = field(default_factory=SeenRange)
    swing: float = 0.0
    habit: Habit = field(default_factory=Habit)
    surprise: Surprise = Surprise.NONE
    since: float = 0.0
    lasted: int = 0
    quiet: int = 0


def observe(baseline: Baseline, at: float, value: float) -> Verdict:
    """Takes the sample at `at` (seconds since 1970) and says how surprising it is.

    NaN, infinities and samples that are not newer than the last one change nothing.
    """
    b = baseline
    if not isfinite(value) or (b.samples and at <= b.at):
        return _verdict(b, 0.0, False, False)
    if not b.samples:
        _begin(b, at, value)
    b.at = at
    b.samples += 1
    b.mean += (value - b.mean) * FAST_WEIGHT
    b.swing += (abs(value - b.mean) - b.swing) * FAST_WEIGHT
    odd = b.habit.residual(at, value)
    excess, surprise = _excess(b, value, odd)
    score = excess / (excess + LIMIT) if _warm(b) else 0.0
    return _conclude(b, value, odd, score, surprise)


def _begin(b: Baseline, at: float, value: float) -> None:
    b.begun = at
    b.mean = b.level = value


def _warm(b: Baseline) -> bool:
    if b.samples < WARM_SAMPLES:
        return False
    return b.samples >= WARM_ENOUGH or b.at - b.begun >= WARM_SECONDS


def _excess(b: Baseline, value: float, odd: float | None) -> tuple[float, Surprise]:
    """The largest distance outside a range, in its widths, and what kind of surprise that is."""
    floor = max(b.least, RELATIVE_FLOOR * abs(b.level))
    worst, kind = b.values.excess(value, floor), Surprise.RANGE
    excess = b.means.excess(b.mean, floor)
    if excess > worst:
        worst, kind = excess, Surprise.LEVEL
    excess = b.swings.excess(b.swing, floor)
    if excess > worst:
        worst, kind = excess, Surprise.UNSTEADY
    if odd is not None:
        excess = b.odds.excess(odd, floor)
        if excess > worst:
            worst, kind = excess, Surprise.HABIT
    return worst, kind if worst > 0.0 else Surprise.NONE


def _conclude(
    b: Baseline, value: float, odd: float | None, score: float, surprise: Surprise
) -> Verdict:
    """Opens, keeps or closes the episode, and learns unless one stands."""
    surprising = score >= 0.5
    if not b.since:
        if surprising:
            b.since, b.surprise, b.lasted, b.quiet = b.at, surprise, 0, 0
            return _verdict(b, score, True, False)
        _learn(b, value, odd)
        return _verdict(b, score, False, False)
    b.lasted += 1
    b.quiet = 0 if surprising else b.quiet + 1
    if b.quiet >= QUIET_SAMPLES:
        b.since, b.surprise = 0.0, Surprise.NONE
        return _verdict(b, 0.0, False, False)
    if b.lasted >= ACCEPTED_SAMPLES and b.at - b.since >= ACCEPTED_SECONDS:
        _accept(b)
        return _verdict(b, 0.0, False, True)
    return _verdict(b, min(score, 0.49) * 0.5, False, False)


def _accept(b: Baseline) -> None:
    """What has lasted is normal from now on: it is learnt on top of what was, and the habit anew."""
    b.habit = Habit()
    b.level = b.mean
    b.begun, b.samples = b.at, 1
    b.since, b.surprise = 0.0, Surprise.NONE


def _learn(b: Baseline, value: float, odd: float | None) -> None:
    weight = max(1 / b.samples, 1 / 288)
    b.level += (value - b.level) * weight
    b.spread += (abs(value - b.level) - b.spread) * weight
    b.values.widen(b.at, value)
    if b.samples > 1 / FAST_WEIGHT:
        b.means.widen(b.at, b.mean)
        b.swings.widen(b.at, b.swing)
    if odd is not None:
        b.odds.widen(b.at, odd)
    b.habit.learn(b.at, value)


def _verdict(b: Baseline, score: float, alarm: bool, accepted: bool) -> Verdict:
    return Verdict(score, alarm, b.since > 0.0, b.surprise, b.level, b.spread, b.since, accepted)
