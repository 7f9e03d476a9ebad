"""A series against its own past, as the rules look at it: hour by hour."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.baseline import Baseline, observe

LONGEST_SECONDS = 30 * 86_400.0
"""What has been so for a month is what it is now, whatever it was."""


@dataclass(slots=True)
class Past:
    """The baseline of a series' hourly means, and the episode that stands.

    value: the newest hour's mean. expected: what was usual when the episode began, or is; since:
    when the episode began, 0 while all is as usual. An episode outlasts the baseline's alarm, which
    ends when a value is no longer new, until the value is back or has been accepted.
    """

    baseline: Baseline = field(default_factory=Baseline)
    value: float = 0.0
    expected: float = 0.0
    since: float = 0.0

    def take(self, at: float, mean: float) -> None:
        """The mean of the hour that ended at `at`."""
        verdict = observe(self.baseline, at, mean)
        self.value = mean
        if self.since and self._goes_on(at, mean) and not verdict.accepted:
            return
        self.since, self.expected = verdict.since, verdict.expected

    def _goes_on(self, at: float, mean: float) -> bool:
        away = abs(mean - self.expected) > self.baseline.least
        return away and at - self.since < LONGEST_SECONDS
