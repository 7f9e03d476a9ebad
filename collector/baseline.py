"""A series against its own past: what it has learnt, and how surprising the next sample is.

The one judge of "against its own past": the engine's rules and `ltmon collector baseline` call it.

    baseline = Baseline(least=0.5)          # one per series, kept in the engine's knowledge
    verdict = observe(baseline, at, value)  # once per sample, in order of time
    if verdict.alarm: ...                   # an episode begins here; once per episode

How it works and how its limits were chosen: docs/judging.md, "Against its own past".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from collector.habit import Habit
from collector.seen_range import SeenRange

DAY_SECONDS = 86_400.0

LIMIT = 0.125
"""How many widths outside the range seen so far alarm (score 0.5), while it has alarmed rarely."""

FEW_SAMPLES = 50
WARM_SAMPLES = 300
"""It says nothing before it has seen so many samples and a day (or ten times as many samples)."""

FAST_WEIGHT = 1 / 8
"""How quickly the fast mean and the running deviation follow."""

RELATIVE_FLOOR = 0.02
"""No range is taken for narrower than this share of the level."""

HABIT_HELPS = 0.8
"""The habit counts where what is left after it is less than this share of the whole unrest."""

TURN_SAMPLES = 3_000
"""What was seen becomes known after a day, or after so many samples."""

FORGET_SHARE = 1 / 14
FORGET_SAMPLES = 4_000
"""A turn forgets this share of what it did not see again; less, when it had few samples."""

QUIET_SAMPLES = 30
"""An episode is over when so many samples in a row were no surprise."""

SHORT_SAMPLES = 12
SHORT_SHARE = 0.7
"""An episode of at most so many surprises is a spike, which may come again: this share is learnt."""

ACCEPTED_SAMPLES = 288
"""What has lasted for a day (or ten times as many samples) and so many samples is normal now."""

WEARY_SAMPLES = 2_000
"""Each alarm makes the next less likely; one within so many first samples counts for little."""

STEADY_SAMPLES = 8
"""The running figures mean nothing before they have seen so many samples without a gap."""

LARGEST = 1e100
"""Figures beyond it count as this much, so that no sum of theirs overflows."""

GAP_STEPS = 10
"""After a gap of so many usual steps the running figures start anew."""


class Surprise(StrEnum):
    """What kind of surprise a sample is."""

    NONE = ""
    RANGE = "range"  # a value never seen lately
    JUMP = "jump"  # a change from one sample to the next never seen lately
    LEVEL = "level"  # the level has shifted
    UNSTEADY = "unsteady"  # it swings as it never did lately
    HABIT = "habit"  # not what this hour usually brings
    DRIFT = "drift"  # it creeps in one direction


_PASSING = (Surprise.RANGE, Surprise.JUMP)


class Verdict(NamedTuple):
    """What one sample says.

    score: 0 nothing new … 1 never seen; 0.5 alarms; low again while an episode goes on. alarm: an
    episode begins with this sample. alarmed: an episode stands. surprise: of the standing episode.
    expected, spread: the usual level (of this hour, where it has a habit) and how far from it is
    usual, in the series' unit. since: when the episode began, 0 when none stands. accepted: the
    episode ends with this sample because what is now has lasted so long that it is normal.
    """

    score: float
    alarm: bool
    alarmed: bool
    surprise: Surprise
    expected: float
    spread: float
    since: float
    accepted: bool


_VIEWS = (Surprise.RANGE, Surprise.JUMP, Surprise.LEVEL, Surprise.UNSTEADY, Surprise.HABIT)
"""What each view of a series would be surprised by: its value, the jump from the last one, the fast
mean, the running deviation, and what is left after the habit of the hour."""

Views = tuple[float, float | None, float | None, float | None, float | None]


@dataclass(slots=True)
class Baseline:
    """What is known of one series: plain values, constant memory; the same samples, the same bytes.

    least: the least change that matters, in the series' unit; what is less never alarms.
    """

    least: float = 0.0
    at: float = 0.0
    step: float = 0.0
    begun: float = 0.0
    samples: int = 0
    steady: int = 0
    last: float = 0.0
    mean: float = 0.0
    swing: float = 0.0
    level: float = 0.0
    spread: float = 0.0
    whole: float = 0.0
    left: float = 0.0
    habit: Habit = field(default_factory=Habit)
    ranges: list[SeenRange] = field(default_factory=lambda: [SeenRange() for _ in _VIEWS])
    turned: float = 0.0
    turn_samples: int = 0
    weariness: float = 0.0
    surprise: Surprise = Surprise.NONE
    since: float = 0.0
    lasted: int = 0
    surprises: int = 0
    quiet: int = 0

    @property
    def has_habit(self) -> bool:
        """Whether the hour tells what to expect: what is left after the habit is much less."""
        return self.left < HABIT_HELPS * self.whole


def observe(baseline: Baseline, at: float, value: float) -> Verdict:
    """Takes the sample at `at` (seconds since 1970) and says how surprising it is.

    NaN, infinities and samples that are not newer than the last one change nothing.
    """
    b = baseline
    if not isfinite(value) or (b.samples and at <= b.at):
        return _verdict(b, 0.0)
    if abs(value) > LARGEST:
        value = LARGEST if value > 0.0 else -LARGEST
    usual = b.habit.usual(at)
    views = _look(b, at, value, usual)
    score, surprise = _surprise(b, views)
    if b.since:
        return _go_on(b, at, value, usual, views, score, surprise)
    if score < 0.5:
        _learn(b, at, value, usual, views)
        return _verdict(b, score, usual)
    b.since, b.surprise = at, surprise
    b.lasted = b.surprises = 1
    b.quiet = 0
    b.weariness += b.samples / (b.samples + WEARY_SAMPLES)
    _hold(b, views)
    return _verdict(b, score, usual, alarm=True)


def _look(b: Baseline, at: float, value: float, usual: float | None) -> Views:
    """Moves the running figures on by one sample and says what each view sees."""
    if not b.samples:
        b.begun = b.turned = at
        b.mean = b.level = b.last = value
    else:
        step = at - b.at
        if step > GAP_STEPS * b.step > 0.0:
            b.steady = 0
            b.mean = b.last = value
        b.step += (min(step, 2.0 * b.step or step) - b.step) * FAST_WEIGHT
    b.at = at
    b.samples += 1
    b.steady += 1
    off = value - b.mean
    b.mean += off * FAST_WEIGHT
    b.swing += (abs(off) - b.swing) * FAST_WEIGHT
    jump = value - b.last
    b.last = value
    odd = None if usual is None else value - usual
    if b.steady <= STEADY_SAMPLES:
        return (value, None, None, None, odd)
    return (value, jump, b.mean, b.swing, odd)


def _surprise(b: Baseline, views: Views) -> tuple[float, Surprise]:
    """The score of the view that is furthest outside its range, and what kind of surprise it is."""
    if not _warm(b):
        return 0.0, Surprise.NONE
    floor = max(b.least / LIMIT, RELATIVE_FLOOR * abs(b.level), b.spread)
    furthest, kind = 0.0, Surprise.NONE
    for view, range_, value in zip(_VIEWS, b.ranges, views, strict=True):
        if value is None or (view is Surprise.HABIT and not b.has_habit):
            continue
        excess = range_.excess(value, floor)
        if excess > furthest:
            furthest, kind = excess, view
    return furthest / (furthest + LIMIT * (1.0 + b.weariness)), kind


def _warm(b: Baseline) -> bool:
    if b.samples <= FEW_SAMPLES:
        return False
    days = (b.at - b.begun) / DAY_SECONDS
    return (
        days >= 3.0 or (days >= 1.0 and b.samples > WARM_SAMPLES) or b.samples > 10 * WARM_SAMPLES
    )


def _go_on(
    b: Baseline,
    at: float,
    value: float,
    usual: float | None,
    views: Views,
    score: float,
    surprise: Surprise,
) -> Verdict:
    """One more sample of an episode: it goes on, it is over, or it is normal by now."""
    b.lasted += 1
    _hold(b, views)
    if score >= 0.5:
        b.surprises += 1
        b.quiet = 0
        if b.surprise in _PASSING and surprise is Surprise.LEVEL:
            b.surprise = surprise
    else:
        b.quiet += 1
        _learn(b, at, value, usual, views)
    if b.quiet >= QUIET_SAMPLES:
        _end(b, SHORT_SHARE if b.surprises <= SHORT_SAMPLES else 0.0)
    elif _lasting(b):
        _end(b, 1.0)
        b.level, b.habit = b.mean, Habit()
        b.left = b.whole = 0.0
        return _verdict(b, 0.0, accepted=True)
    return _verdict(b, score * 0.5, usual)


def _lasting(b: Baseline) -> bool:
    if b.lasted < ACCEPTED_SAMPLES:
        return False
    return b.at - b.since >= DAY_SECONDS or b.lasted >= 10 * ACCEPTED_SAMPLES


def _hold(b: Baseline, views: Views) -> None:
    for range_, value in zip(b.ranges, views, strict=True):
        if value is not None:
            range_.hold(value)


def _end(b: Baseline, share: float) -> None:
    """The episode is over; `share` of how far it went is no surprise from now on."""
    b.since, b.surprise = 0.0, Surprise.NONE
    for range_ in b.ranges:
        range_.release(share)


def _learn(b: Baseline, at: float, value: float, usual: float | None, views: Views) -> None:
    """An unsurprising sample becomes part of the past."""
    if at - b.turned >= DAY_SECONDS or b.turn_samples >= TURN_SAMPLES or not _warm(b):
        _turn(b, at)
    b.turn_samples += 1
    for range_, seen in zip(b.ranges, views, strict=True):
        if seen is not None:
            range_.take(seen)
    weight = max(1.0 / b.samples, min(1.0 / 288.0, max(b.step / DAY_SECONDS, 1.0 / TURN_SAMPLES)))
    off = value - b.level
    most = 3.0 * b.spread if b.samples > STEADY_SAMPLES else abs(off)
    b.level += max(-most, min(most, off)) * weight
    b.spread += (min(abs(off), most + 1e-12) - b.spread) * weight
    if usual is not None:
        b.whole += (abs(off) - b.whole) * weight
        b.left += (abs(value - usual) - b.left) * weight
    b.habit.learn(at, value)


def _turn(b: Baseline, at: float) -> None:
    """What has come since the last turn is known now, what has not come again is half forgotten."""
    share = min(FORGET_SHARE, b.turn_samples / FORGET_SAMPLES)
    b.weariness *= 1.0 - share
    for range_ in b.ranges:
        range_.turn(share)
    b.turned, b.turn_samples = at, 0


def _verdict(
    b: Baseline,
    score: float,
    usual: float | None = None,
    *,
    alarm: bool = False,
    accepted: bool = False,
) -> Verdict:
    if usual is not None and b.has_habit:
        expected, spread = usual, b.left
    else:
        expected, spread = b.level, b.spread
    return Verdict(score, alarm, b.since > 0.0, b.surprise, expected, spread, b.since, accepted)
