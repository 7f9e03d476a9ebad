"""A series against its own past, as the rules look at it: hour by hour."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.baseline import Baseline, observe


@dataclass(slots=True)
class Past:
    """The baseline of a series' hourly means, and its newest verdict.

    value: the newest hour's mean. expected: what is usual; since: when the episode began, 0 while
    all is as usual.
    """

    baseline: Baseline = field(default_factory=Baseline)
    value: float = 0.0
    expected: float = 0.0
    since: float = 0.0

    def take(self, at: float, mean: float) -> None:
        """The mean of the hour that ended at `at`."""
        verdict = observe(self.baseline, at, mean)
        self.value, self.expected, self.since = mean, verdict.expected, verdict.since
