"""The long past of one series in constant memory: hours of the last day, days of the last quarter."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from telemetry.catalogue import (
    ICMP_JITTER,
    ICMP_RTT_MEDIAN,
    OPTICAL_RECEIVE_POWER,
    OPTICAL_TRANSMIT_POWER,
    SNMP_RESPONSE,
)

HOUR = 3600.0
DAY_HOURS = 24
HOURS_KEPT = 48
DAYS_KEPT = 90

DARK_DBM = -35.0
"""Less light than any receiver hears; boxes read -40 dBm where there is none."""

NOTHING_THERE = {OPTICAL_RECEIVE_POWER.name: DARK_DBM, OPTICAL_TRANSMIT_POWER.name: DARK_DBM}
"""What is at or below this was not measured but missing, and is no part of a past."""

SPIKY = frozenset({ICMP_RTT_MEDIAN.name, ICMP_JITTER.name, SNMP_RESPONSE.name})
"""Times that an answer takes: one in a hundred is ten times the others and says nothing of the hour."""

SPIKE = 4.0
LEAST_SPIKE_SECONDS = 0.001
"""Of a spiky series no value counts for more than so many times what came before it; what is slow for
good is believed after a few values all the same."""

FAST_WEIGHT = 0.3
"""Five values make most of the fast mean."""

HOURS_OF_A_DAY_WANTED = 12
"""A day of which less was measured says more about the gap than about the device."""


@dataclass(slots=True)
class History:
    """Means of closed hours, and of closed days the median and the least of their hours.

    fast: a mean that follows the newest values. hours: (hour since 1970, mean); days: (day since
    1970, median, least). Both oldest first.
    """

    hour: int = -1
    total: float = 0.0
    fast: float = 0.0
    count: int = 0
    hours: list[tuple[int, float]] = field(default_factory=list)
    days: list[tuple[int, float, float]] = field(default_factory=list)

    def take(self, at: float, value: float, spiky: bool = False) -> bool:
        """The value at `at`; whether an hour has been closed by it."""
        if spiky and self.hour >= 0:
            value = min(value, max(SPIKE * self.fast, LEAST_SPIKE_SECONDS))
        self.fast += (value - self.fast) * (FAST_WEIGHT if self.hour >= 0 else 1.0)
        hour = int(at // HOUR)
        if hour == self.hour:
            self.total += value
            self.count += 1
            return False
        closed = self.count > 0
        if closed:
            self._close(hour)
        self.hour, self.total, self.count = hour, value, 1
        return closed

    def _close(self, hour: int) -> None:
        self.hours.append((self.hour, self.total / self.count))
        del self.hours[:-HOURS_KEPT]
        day = self.hour // DAY_HOURS
        if hour // DAY_HOURS != day:
            means = [mean for when, mean in self.hours if when // DAY_HOURS == day]
            if len(means) >= HOURS_OF_A_DAY_WANTED:
                self.days.append((day, median(means), min(means)))
                del self.days[:-DAYS_KEPT]

    def last_hour(self) -> tuple[float, float]:
        """When the newest closed hour ended, and its mean."""
        hour, mean = self.hours[-1]
        return (hour + 1) * HOUR, mean
