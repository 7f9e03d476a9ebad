"""Scores alarms by windows, as the Numenta Anomaly Benchmark publishes it (standard profile).

The first alarm in a window is worth up to 1, the earlier the more; a window without one costs 1; an
alarm outside costs up to 0.11, less just after a window. The first 15 % of a series (at most 750 rows)
count for nothing. 0 is who says nothing, 100 who finds all at once and errs never.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

FALSE_COST = 0.11
PROBATION_SHARE = 0.15
PROBATION_ROWS = 750


@dataclass(slots=True)
class Score:
    """What alarms on some series were worth; sums up."""

    raw: float = 0.0
    windows: int = 0
    found: int = 0
    false: int = 0

    def add(self, other: Score) -> None:
        """Takes another's in."""
        self.raw += other.raw
        self.windows += other.windows
        self.found += other.found
        self.false += other.false

    @property
    def points(self) -> float:
        """0 for silence … 100 for perfection; below 0 for noise. NaN without any window."""
        if not self.windows:
            return math.nan
        return 100.0 * (self.raw + self.windows) / (2.0 * self.windows)


def score(rows: int, windows: tuple[tuple[int, int], ...], alarms: Iterable[int]) -> Score:
    """What alarms at these rows are worth on a series of so many rows."""
    probation = min(int(PROBATION_SHARE * rows), PROBATION_ROWS)
    windows = tuple(window for window in windows if window[1] >= probation)
    said = Score(windows=len(windows))
    found: set[tuple[int, int]] = set()
    for row in alarms:
        if row < probation:
            continue
        window = next((w for w in windows if w[0] <= row <= w[1]), None)
        if window is None:
            said.false += 1
            said.raw -= FALSE_COST * _late(row, windows)
        elif window not in found:
            found.add(window)
            said.raw += _early(row, window)
    said.found = len(found)
    said.raw -= said.windows - said.found
    return said


def _early(row: int, window: tuple[int, int]) -> float:
    """1 at the begin of a window, falling to 0 at its end."""
    first, last = window
    return _sigmoid(-(last - row + 1) / (last - first + 1)) / _sigmoid(-1.0)


def _late(row: int, windows: tuple[tuple[int, int], ...]) -> float:
    """0 just behind a window, 1 far from it or before the first."""
    behind = [window for window in windows if window[1] < row]
    if not behind:
        return 1.0
    first, last = behind[-1]
    return -_sigmoid((row - last) / max(1, last - first))


def _sigmoid(position: float) -> float:
    return 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0 if position <= 3.0 else -1.0
