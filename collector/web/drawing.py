"""Small drawings as SVG coordinates: pure arithmetic, no strings from anywhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 600, 80
"""The drawing's own units; the page scales it to its width."""

_GAP_FACTOR = 3.5


@dataclass(frozen=True, slots=True)
class Sparkline:
    """lines: `points` of polylines, one per stretch without a hole; dots: (x, y) of points that
    stand alone; low, high, last: of the values.
    """

    lines: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    low: float
    high: float
    last: float
    begin: float
    end: float


def sparkline(points: Sequence[tuple[float, float]], floor: float = 0.0) -> Sparkline | None:
    """The course of (time, value) points in order of time; None with less than two points.

    The scale begins at `floor` or lower, so that a little noise does not look like a mountain. A
    hole in the measurements stays a hole: a line across it would claim what nobody has seen.
    """
    points = [point for point in points if math.isfinite(point[1])]
    if len(points) < 2:
        return None
    times = [time for time, _ in points]
    values = [value for _, value in points]
    low, high = min(floor, *values), max(values)
    span, height = max(times[-1] - times[0], 1e-9), max(high - low, 1e-9)
    placed = [
        (
            f"{(time - times[0]) / span * WIDTH:.1f}",
            f"{HEIGHT - (value - low) / height * HEIGHT:.1f}",
        )
        for time, value in points
    ]
    stretches = _stretches(times, placed)
    return Sparkline(
        lines=tuple(" ".join(f"{x},{y}" for x, y in part) for part in stretches if len(part) > 1),
        dots=tuple(part[0] for part in stretches if len(part) == 1),
        low=low,
        high=high,
        last=values[-1],
        begin=times[0],
        end=times[-1],
    )


def _stretches(
    times: Sequence[float], placed: Sequence[tuple[str, str]]
) -> list[list[tuple[str, str]]]:
    """The points in runs without a hole: a step several times the usual one is a hole."""
    steps = sorted(b - a for a, b in pairwise(times))
    usual = steps[len(steps) // 2]
    parts = [[placed[0]]]
    for before, time, place in zip(times, times[1:], placed[1:], strict=False):
        if time - before > usual * _GAP_FACTOR:
            parts.append([])
        parts[-1].append(place)
    return parts


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a band: state, when it began, when it ended, and where it is drawn (0 … WIDTH)."""

    state: str
    begin: float
    end: float
    x: str
    width: str


def stretch(state: str, lasted: tuple[float, float], begin: float, end: float) -> Span | None:
    """What lasted from one moment to another as a stretch of a band from `begin` to `end`; None when
    it lies outside.
    """
    left, right = max(lasted[0], begin), min(lasted[1], end)
    if right <= left:
        return None
    scale = WIDTH / (end - begin)
    x, width = (left - begin) * scale, (right - left) * scale
    return Span(state, left, right, f"{x:.1f}", f"{max(width, 1.5):.1f}")


def band(changes: Sequence[tuple[float, str]], begin: float, end: float) -> list[Span]:
    """States over time as stretches of a band from `begin` to `end`; what is before the first
    change is left empty.
    """
    ends = [since for since, _ in changes[1:]] + [end]
    spans = (
        stretch(state, (since, until), begin, end)
        for (since, state), until in zip(changes, ends, strict=False)
    )
    return [span for span in spans if span is not None]
