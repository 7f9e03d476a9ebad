"""Turns what a rule sees at each moment into findings that open, change and close once.

A condition must last before it is announced and must be clearly better before it is withdrawn, so a
value that trembles around its limit makes one finding, not fifty.
"""

from __future__ import annotations

from enum import StrEnum

from collector.rule import Condition, Reading
from collector.state import Standing


class Step(StrEnum):
    """What one more look changed."""

    NOTHING = "nothing"
    OPENED = "opened"
    CHANGED = "changed"  # the severity is another one now
    CLOSED = "closed"


def advance(standing: Standing, condition: Condition, at: float) -> Step:
    """One more look at `at`; updates `standing` and says what is to be announced."""
    standing.at = at
    _measure(standing, condition, at)
    wanted = _wanted(standing, condition, at)
    before = standing.level
    if wanted == before:
        if before and condition.reading is not Reading.BETWEEN:
            standing.reason = condition.reason
        return Step.NOTHING
    standing.level = wanted
    if not wanted:
        return Step.CLOSED
    standing.reason = condition.reason
    if not before:
        standing.since = standing.bad_since
        standing.opened_at = at
        return Step.OPENED
    return Step.CHANGED


def _measure(standing: Standing, condition: Condition, at: float) -> None:
    """Keeps since when the reading has been bad, and since when critical, without a break."""
    bad = condition.reading in (Reading.BAD, Reading.CRITICAL)
    standing.bad_since = (standing.bad_since or condition.began or at) if bad else 0.0
    critical = condition.reading is Reading.CRITICAL
    standing.critical_since = (standing.critical_since or at) if critical else 0.0


def _wanted(standing: Standing, condition: Condition, at: float) -> str:
    """The level that should stand now, empty for none."""
    if condition.reading is Reading.FINE:
        return ""
    if _lasted(standing.critical_since, at, condition.for_seconds):
        return condition.critical_severity.value
    if standing.level:
        worse = standing.level == condition.critical_severity.value
        eased = condition.reading is Reading.BAD and worse
        return condition.severity.value if eased else standing.level
    if _lasted(standing.bad_since, at, condition.for_seconds):
        return condition.severity.value
    return ""


def _lasted(since: float, at: float, seconds: float) -> bool:
    return since > 0.0 and at - since >= seconds
