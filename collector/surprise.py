"""What the judge of a series against its own past says of one sample."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Surprise(StrEnum):
    """What kind of surprise a sample is."""

    NONE = ""
    RANGE = "range"  # a value never seen lately
    JUMP = "jump"  # a change from one sample to the next never seen lately
    LEVEL = "level"  # the level has shifted
    UNSTEADY = "unsteady"  # it swings as it never did lately
    HABIT = "habit"  # not what this hour usually brings
    DRIFT = "drift"  # it creeps in one direction


PASSING = (Surprise.RANGE, Surprise.JUMP)
"""What becomes a shift of the level when it goes on."""

LAGGING = (Surprise.LEVEL, Surprise.UNSTEADY)
"""What is still out of range for a while after all is well again."""


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


VIEWS = (Surprise.RANGE, Surprise.JUMP, Surprise.LEVEL, Surprise.UNSTEADY, Surprise.HABIT)
"""What each view of a series would be surprised by: its value, the jump from the last one, the fast
mean, the running deviation, and what is left after the habit of the hour."""

Sight = tuple[float, float | None, float | None, float | None, float | None]
