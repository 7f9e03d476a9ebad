"""What a burst of echo requests says about a host: loss, round trips, jitter. Pure arithmetic."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from itertools import pairwise

from agent.icmp.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Burst:
    """The outcome of one burst. All times are seconds; a figure is None when nothing supports it.

    address: the numeric address that was asked.
    round_trips: one for each request in order of sending, None where no reply counted.
    duplicates, late, wrong_source: replies that were not counted, by why.
    refusals: who said that there is no way, each kind once, in order of sending.
    """

    address: str
    round_trips: tuple[float | None, ...]
    duplicates: int = 0
    late: int = 0
    wrong_source: int = 0
    refusals: tuple[Refusal, ...] = ()

    @property
    def replies(self) -> list[float]:
        """The round trips that were measured, in order of sending."""
        return [value for value in self.round_trips if value is not None]

    @property
    def sent(self) -> int:
        """How many requests the burst had."""
        return len(self.round_trips)

    @property
    def received(self) -> int:
        """How many of them were answered in time, by the host that was asked."""
        return self.sent - self.round_trips.count(None)

    @property
    def loss_ratio(self) -> float:
        """Share of the requests without a reply, 0 to 1."""
        return self.round_trips.count(None) / self.sent if self.sent else 1.0

    @property
    def min(self) -> float | None:
        """The shortest round trip: the way itself, without queues."""
        return min(self.replies, default=None)

    @property
    def median(self) -> float | None:
        """The median round trip (mean of the two middle ones for an even number)."""
        return statistics.median(self.replies) if self.received else None

    @property
    def p90(self) -> float | None:
        """The 90th percentile by nearest rank: a round trip that was really measured."""
        ordered = sorted(self.replies)
        return ordered[math.ceil(0.9 * len(ordered)) - 1] if ordered else None

    @property
    def max(self) -> float | None:
        """The longest round trip."""
        return max(self.replies, default=None)

    @property
    def jitter(self) -> float | None:
        """Mean absolute difference of successive round trips, over replies in order of sending.

        The difference D of RFC 3550, 6.4.1, for round trips; the plain mean instead of the running
        estimate, because a burst has an end. None with fewer than two replies.
        """
        differences = [abs(after - before) for before, after in pairwise(self.replies)]
        return statistics.fmean(differences) if differences else None
