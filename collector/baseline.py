"""A series against its own past: what it has learnt, and how surprising the next sample is.

The one judge of "against its own past": the engine's rules and `ltmon collector baseline` call it.

    baseline = Baseline(least=0.5)          # one per series, kept in the engine's knowledge
    verdict = observe(baseline, at, value)  # once per sample, in order of time
    if verdict.alarm: ...                   # an episode begins here; once per episode

How it works and how its limits were chosen: docs/judging.md, "Against its own past".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.drift import Drift
from collector.norm import DAY_SECONDS, Norm
from collector.running import Running
from collector.seen_range import SeenRange
from collector.surprise import LAGGING, PASSING, VIEWS, Sight, Surprise, Verdict

LIMIT = 0.2
"""How many widths outside the range seen so far alarm (score 0.5), while it has alarmed rarely."""

WARM_DAYS = 3.0
FEWEST_SAMPLES, FEW_SAMPLES, WARM_SAMPLES = 23, 50, 150
"""It is surprised by nothing before it has seen three days and a few samples, or one day and more
samples (or a day's hours, if it knows which change matters)."""

MANY_SAMPLES, HURRIED_SAMPLES = 3_000, 300
HURRY_SECONDS = 10.0
"""So many samples stand for a day; of a series in such a hurry, which knows no days, fewer."""

HABIT_TURNS = 3
"""What is left after the habit of the hour is no surprise before it was known for three days either."""

RELATIVE_FLOOR = 0.02
"""No range is taken for narrower than this share of the level."""

FORGET_SHARE = 1 / 14
FORGET_SAMPLES = 4_000
"""A turn forgets this share of what it did not see again; less, when it had few samples."""

YOUNG_SHARE = 0.5
"""After so many days a turn forgets at least this by their number: the first day may have been odd."""

QUIET_SAMPLES = 15
"""An episode is over when so many samples in a row were no surprise and all is back in its range."""

SHORT_SAMPLES = 12
SHORT_SHARE = 0.3
"""An episode of at most so many surprises is a spike, which may come again: this share is learnt."""

ACCEPTED_SAMPLES = 288
"""What has lasted for a day and so many samples is normal now."""

WEARIER = 0.25
WEARY_SAMPLES = 2_000
"""Each alarm makes the next less likely; one within so many first samples counts for little."""

LARGEST = 1e100
"""What is beyond is no measurement (and infinite is beyond): no sum of figures may overflow."""

FADING_SHARE = 0.95
"""A running figure that was far out comes back to normal by at least this a sample, as it must."""

DRIFT_CLEARED = 0.7
"""A drift is over when it is less than this share of what is worth telling."""


@dataclass(slots=True)
class Baseline:
    """What is known of one series: plain values, constant memory; the same samples, the same bytes.

    least: the least change that matters, in the series' unit; what is less never alarms. ranges: one
    for each view. turned: when what came was last made known, turn_samples: how much came since.
    warm: whether it has seen enough to be surprised. weariness: how many alarms there were lately.
    since, surprise, lasted, surprises, quiet: of the standing episode, its begin, kind, samples, how
    many of them were a surprise, how many came since the last of these. size: of its last sample.
    drifting: whether it is one of a drift that goes on.
    """

    least: float = 0.0
    begun: float = 0.0
    running: Running = field(default_factory=Running)
    norm: Norm = field(default_factory=Norm)
    drift: Drift = field(default_factory=Drift)
    ranges: list[SeenRange] = field(default_factory=lambda: [SeenRange() for _ in VIEWS])
    turned: float = 0.0
    turn_samples: int = 0
    warm: bool = False
    weariness: float = 0.0
    drifting: bool = False
    since: float = 0.0
    surprise: Surprise = Surprise.NONE
    lasted: int = 0
    surprises: int = 0
    quiet: int = 0
    size: float = 0.0


def observe(baseline: Baseline, at: float, value: float) -> Verdict:
    """Takes the sample at `at` (seconds since 1970) and says how surprising it is.

    NaN, infinities and samples that are not newer than the last one change nothing.
    """
    running = baseline.running
    if not running.samples:
        baseline.begun = baseline.turned = at
    elif at <= running.at:
        return _verdict(baseline, 0.0, None)
    if not -LARGEST < value < LARGEST:
        return _verdict(baseline, 0.0, None)
    before = running.last, running.mean, running.swing
    running.take(at, value)
    usual = baseline.norm.habit.usual(at, value)
    sight = _look(running, value, usual)
    size, surprise = _surprise(baseline, sight)
    if baseline.lasted:
        return _go_on(baseline, sight, usual, size, surprise)
    explained = False
    if size >= 1.0:
        if not baseline.norm.explains(at, value):
            _hold(baseline, sight)
            baseline.norm.habit.learn(at, value, odd=True)
            return _begin(baseline, size, surprise, usual)
        running.last, running.mean, running.swing = before
        size, explained = 0.0, True
    if _learn(baseline, sight, usual, explained):
        extent = baseline.drift.extent(_least_drift(baseline))
        baseline.drifting = extent >= 1.0
        if baseline.drifting:
            return _begin(baseline, extent, Surprise.DRIFT, usual)
    return _verdict(baseline, _score(size), usual)


def _look(running: Running, value: float, usual: float | None) -> Sight:
    """What each view sees of the newest sample."""
    odd = None if usual is None else value - usual
    if running.settled:
        return value, running.jump, running.mean, running.swing, odd
    return value, None, None, None, odd


def _surprise(baseline: Baseline, sight: Sight) -> tuple[float, Surprise]:
    """How many limits the view that is furthest outside its range is outside, and which it is."""
    outside = [
        (view, seen, figure)
        for view, seen, figure in zip(VIEWS, baseline.ranges, sight)  # noqa: B905 - strict takes a tenth of the time
        if figure is not None and not seen.low <= figure <= seen.high
    ]
    if not outside or not baseline.warm:
        return 0.0, Surprise.NONE
    furthest, kind = 0.0, Surprise.NONE
    floor = _floor(baseline)
    for view, seen, figure in outside:
        excess = seen.excess(figure, floor)
        if excess > furthest and (view is not Surprise.HABIT or _has_habit(baseline)):
            furthest, kind = excess, view
    return furthest / (LIMIT * (1.0 + baseline.weariness)), kind


def _has_habit(baseline: Baseline) -> bool:
    """Whether the hour tells what to expect, and it is known how far from that it may be."""
    return baseline.norm.has_habit and baseline.ranges[-1].turns >= HABIT_TURNS


def _score(size: float) -> float:
    """A surprise of so many limits as a share: 0.5 for one that alarms."""
    return size / (size + 1.0)


def _floor(baseline: Baseline) -> float:
    """The width that any range is taken for at least."""
    norm = baseline.norm
    return max(baseline.least / LIMIT, RELATIVE_FLOOR * abs(norm.level), norm.spread)


def _least_drift(baseline: Baseline) -> float:
    """What no drift is worth telling below."""
    norm = baseline.norm
    return max(baseline.least, RELATIVE_FLOOR * abs(norm.level), norm.spread)


def _is_warm(baseline: Baseline) -> bool:
    """Whether it has seen enough to be surprised at all."""
    samples = baseline.running.samples
    days = (baseline.running.at - baseline.begun) / DAY_SECONDS
    if days >= 1.0 and baseline.least > 0.0 and samples > FEWEST_SAMPLES:
        return True
    if days >= WARM_DAYS and samples > FEW_SAMPLES:
        return True
    return samples > (WARM_SAMPLES if days >= 1.0 else _many(baseline))


def _many(baseline: Baseline) -> int:
    """How many samples stand for a day."""
    return HURRIED_SAMPLES if baseline.running.step < HURRY_SECONDS else MANY_SAMPLES


def _begin(baseline: Baseline, size: float, surprise: Surprise, usual: float | None) -> Verdict:
    """An episode begins: the alarm."""
    baseline.since, baseline.surprise = baseline.running.at, surprise
    baseline.lasted = baseline.surprises = 1
    baseline.quiet, baseline.size = 0, size
    samples = baseline.running.samples
    baseline.weariness += WEARIER * samples / (samples + WEARY_SAMPLES)
    return _verdict(baseline, _score(size), usual, alarm=True)


def _go_on(
    baseline: Baseline, sight: Sight, usual: float | None, size: float, surprise: Surprise
) -> Verdict:
    """One more sample of an episode: it goes on, it is over, or it is normal by now."""
    baseline.lasted += 1
    _hold(baseline, sight)
    fades = surprise in LAGGING and size < FADING_SHARE * baseline.size
    baseline.size = size
    if size >= 1.0 and not (fades and baseline.ranges[0].holds(sight[0])):
        baseline.surprises += 1
        baseline.quiet = 0
        baseline.norm.habit.learn(baseline.running.at, sight[0], odd=True)
        if surprise is Surprise.LEVEL and baseline.surprise in PASSING:
            baseline.surprise = surprise
    else:
        baseline.quiet += 1
        if _learn(baseline, sight, usual) and baseline.drifting:
            baseline.drifting = baseline.drift.extent(_least_drift(baseline)) >= DRIFT_CLEARED
    if baseline.quiet >= QUIET_SAMPLES and size < 1.0 and not baseline.drifting:
        _end(baseline, SHORT_SHARE if baseline.surprises <= SHORT_SAMPLES else 0.0)
    elif baseline.surprises > SHORT_SAMPLES and _has_lasted(baseline):
        _end(baseline, 1.0)
        baseline.norm.move(baseline.running.mean)
        baseline.drift = Drift()
        return _verdict(baseline, 0.0, None, accepted=True)
    return _verdict(baseline, 0.5 * _score(size), usual)


def _hold(baseline: Baseline, sight: Sight) -> None:
    """A sample of an episode: how far it goes is kept apart from what is normal."""
    for seen, figure in zip(baseline.ranges, sight, strict=True):
        if figure is not None:
            seen.hold(figure)


def _has_lasted(baseline: Baseline) -> bool:
    """Whether the episode has gone on for so long that it is normal now."""
    if baseline.lasted < ACCEPTED_SAMPLES:
        return False
    day_long = baseline.running.at - baseline.since >= DAY_SECONDS
    return day_long or baseline.lasted >= _many(baseline)


def _end(baseline: Baseline, share: float) -> None:
    """The episode is over; `share` of how far it went is no surprise from now on."""
    baseline.since, baseline.surprise = 0.0, Surprise.NONE
    baseline.lasted, baseline.drifting = 0, False
    for seen in baseline.ranges:
        seen.release(share)


def _learn(baseline: Baseline, sight: Sight, usual: float | None, explained: bool = False) -> bool:
    """A sample that is no surprise becomes part of the past; whether it closed a day of the drift.

    One that only its hour explains leaves the ranges as they are.
    """
    at, value = baseline.running.at, sight[0]
    day_long = at - baseline.turned >= DAY_SECONDS
    if day_long or baseline.turn_samples >= _many(baseline) or not baseline.warm:
        _turn(baseline, at)
    baseline.turn_samples += 1
    if not explained:
        _widen(baseline.ranges, sight)
    baseline.norm.learn(at, value, usual, baseline.running.step)
    return baseline.drift.learn(at, value)


def _widen(ranges: list[SeenRange], sight: Sight) -> None:
    for seen, figure in zip(ranges, sight):  # noqa: B905 - strict takes a tenth of the time
        if figure is not None and not (seen.low_since <= figure <= seen.high_since and seen.since):
            seen.take(figure)


def _turn(baseline: Baseline, at: float) -> None:
    """What has come since the last turn is known now; what has not come again fades."""
    share = min(FORGET_SHARE, baseline.turn_samples / FORGET_SAMPLES)
    if baseline.warm:
        age = max(1.0, (at - baseline.begun) / DAY_SECONDS)
        share = max(share, YOUNG_SHARE / age)
    baseline.weariness *= 1.0 - share
    for seen in baseline.ranges:
        seen.turn(share)
    baseline.turned, baseline.turn_samples = at, 0
    baseline.warm = baseline.warm or _is_warm(baseline)


def _verdict(
    baseline: Baseline,
    score: float,
    usual: float | None,
    alarm: bool = False,
    accepted: bool = False,
) -> Verdict:
    expected, spread = baseline.norm.expected(usual)
    stands, kind, since = baseline.lasted > 0, baseline.surprise, baseline.since
    return Verdict(score, alarm, stands, kind, expected, spread, since, accepted)
