"""The habit of the hour: what a series usually is at this hour of the week."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR_SECONDS = 3_600.0
DAY_HOURS = 24
WEEK_HOURS = 168

DAYS_WANTED = 2
"""An hour of the day has a habit once it was seen on so many days."""

EDGE = 0.25
"""So much of an hour at its begin and at its end is near its neighbour."""

TIMES_SURE = 3
"""An hour of the week seen so often may be unlike the day's for sure."""

REACH = 3.0
"""What is within so many usual distances of an hour's usual is as usual."""

DAY_WEIGHT = 0.2
"""How much of the newest mean an hour of the day takes over at least."""

WEEKS_COUNTED = 6
"""So many weeks count of an hour of the week: what has changed is forgotten in as many."""

MOST_DAYS = 1_000


@dataclass(slots=True)
class Habit:
    """Per hour of the day (UTC) its usual mean; per hour of the week how far from that its mean
    usually is, and its samples from both; and how often each was learnt.

    An hour of the week that was seen once has its mean instead: its day is not known better yet.
    slot: the hour now running, counted since 1970; centre: what was usual of it; total, away, count:
    of its samples, their distances from the centre; odd: whether some of them were a surprise.
    """

    day: list[float] = field(default_factory=lambda: [0.0] * DAY_HOURS)
    day_times: list[int] = field(default_factory=lambda: [0] * DAY_HOURS)
    week: list[float] = field(default_factory=lambda: [0.0] * WEEK_HOURS)
    week_times: list[int] = field(default_factory=lambda: [0] * WEEK_HOURS)
    spread: list[float] = field(default_factory=lambda: [0.0] * WEEK_HOURS)
    slot: int = 0
    centre: float = 0.0
    total: float = 0.0
    away: float = 0.0
    count: int = 0
    odd: bool = False

    def usual(self, at: float, value: float) -> float | None:
        """What is usual at this time, as near to `value` as it may be; None while there is no habit.

        Near the turn of an hour the hour beyond it counts as well: whatever lies between the two is
        usual, because nobody starts work on the second.
        """
        slot = int(at / HOUR_SECONDS)
        usual = self._bounds(slot)
        if usual is None:
            return None
        low, high = usual
        if not low <= value <= high:
            other = self._bounds(_neighbour(at, slot))
            if other is not None:
                low, high = min(low, other[0]), max(high, other[1])
        return min(max(value, low), high)

    def explains(self, at: float, value: float, least: float) -> bool:
        """Whether this hour of the week is known for sure to be unlike the day's, by more than `least`,
        and the value is as it usually is then.
        """
        slot = int(at / HOUR_SECONDS)
        return any(self._explains(one, value, least) for one in (slot, _neighbour(at, slot)))

    def _explains(self, slot: int, value: float, least: float) -> bool:
        of_week = slot % WEEK_HOURS
        if self.week_times[of_week] < TIMES_SURE or abs(self.week[of_week]) <= least:
            return False
        usual = self._bounds(slot)
        reach = REACH * max(self.spread[of_week], least)
        return usual is not None and usual[0] - reach <= value <= usual[1] + reach

    def _bounds(self, slot: int) -> tuple[float, float] | None:
        """Between what an hour usually is: what the weeks say of it, and as much of what the days say
        as the weeks are too few to be believed. None before it was seen in another week: the first
        Saturday is no surprise.
        """
        hour = slot % DAY_HOURS
        of_week = slot % WEEK_HOURS
        times = self.week_times[of_week]
        if not times or self.day_times[hour] < DAYS_WANTED:
            return None
        near = self.day[hour]
        far = self.week[of_week]
        if times > 1:
            near, far = near + far * trust(times), near + far
        return (near, far) if near < far else (far, near)

    def learn(self, at: float, value: float, odd: bool = False) -> None:
        """One more sample; the mean of an hour is learnt when the hour is over. odd: a surprise."""
        slot = int(at // HOUR_SECONDS)
        if slot != self.slot:
            self._close()
            self.slot, self.centre = slot, self._centre(slot, value)
            self.total, self.away, self.count, self.odd = 0.0, 0.0, 0, False
        self.total += value
        self.away += abs(value - self.centre)
        self.count += 1
        self.odd = self.odd or odd

    def _centre(self, slot: int, value: float) -> float:
        """The usual mean of an hour of the week; `value` of one that was never seen."""
        hour = slot % WEEK_HOURS
        times = self.week_times[hour]
        if times > 1:
            return self.day[slot % DAY_HOURS] + self.week[hour]
        return self.week[hour] if times else value

    def _close(self) -> None:
        """What the hours of the week explain is no news of the day's, and neither is what is odd."""
        if not self.count:
            return
        mean, away = _figures(self.total / self.count), self.away / self.count
        hour = self.slot % DAY_HOURS
        day = self.day[hour] if self.day_times[hour] else mean
        known = self._bounds(self.slot) or (day, day)
        self._learn_week(self.slot % WEEK_HOURS, mean, day, away)
        if not self.odd:
            self.day_times[hour] = days = min(self.day_times[hour] + 1, MOST_DAYS)
            news = mean - min(max(mean, known[0]), known[1])
            self.day[hour] = _figures(day + news * max(1.0 / days, DAY_WEIGHT))

    def _learn_week(self, hour: int, mean: float, day: float, away: float) -> None:
        """What two weeks have in common counts at first, so that what happened once is no habit; later
        the mean. What contradicts makes what was known less certain; an odd hour does nothing else
        until, soon, what was known is forgotten for it.
        """
        times, far = self.week_times[hour], self.week[hour]
        off = mean - day
        if times > 1 and self.odd and not _alike(off, far):
            times //= 2
            if times > 1:
                self.week_times[hour] = times
                return
            times = 0
        if not times:
            self.week[hour], self.spread[hour], self.week_times[hour] = mean, 0.0, 1
            return
        weight = 1.0 / min(times + 1, WEEKS_COUNTED)
        common = _common(far - day, off) if times == 1 else far + (off - far) * weight
        spread = self.spread[hour] + (away - self.spread[hour]) / times
        self.week[hour], self.spread[hour] = _figures(common, 4), _figures(spread, 2)
        against = times > 1 and abs(off) < abs(off - far)
        self.week_times[hour] = max(2, times - 1) if against else min(times + 1, WEEKS_COUNTED)


def _neighbour(at: float, slot: int) -> int:
    """The hour beyond the turn that is near, else the hour itself."""
    part = at / HOUR_SECONDS - slot
    if part <= EDGE:
        return slot - 1
    return slot + 1 if part >= 1.0 - EDGE else slot


def trust(times: int) -> float:
    """How far an hour of the week is believed that was seen so many times: not before the third."""
    return (times - 2) / (times - 1) if times > 2 else 0.0


def _common(first: float, second: float) -> float:
    """How far two distances go the same way."""
    if first * second <= 0.0:
        return 0.0
    return first if abs(first) < abs(second) else second


def _alike(first: float, second: float) -> bool:
    """Whether two distances are of one size and go the same way."""
    return abs(first - second) <= 0.5 * max(abs(first), abs(second))


def _figures(value: float, count: int = 6) -> float:
    """A few figures are enough of a habit: a snapshot holds hundreds of them."""
    return float(f"{value:.{count}g}")
