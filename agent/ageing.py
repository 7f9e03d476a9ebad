"""By which clock a result is too old: the wall clock, but not one that has just leapt."""

from __future__ import annotations

from dataclasses import dataclass

LEAP_MS = 86_400_000
WAIT_MS = 3_600_000


@dataclass(slots=True)
class Ageing:
    """Says from when on results are too old. Pure; time comes in as milliseconds since 1970.

    Office PCs with a dead clock battery wake up in 1970 or 2071 and are set right minutes later.
    A clock that leaps by more than a day in either direction therefore ages nothing for the next
    hour: otherwise one wrong second would throw the whole backlog away. The bound in bytes always
    holds.

    newest_ms: the newest timestamp that was stored before, None when the buffer was empty.
    """

    max_age_ms: int
    newest_ms: int | None
    _not_before_ms: int = 0

    def horizon_ms(self, now_ms: int) -> int | None:
        """Results older than this go; None while the clock is not trusted."""
        last = now_ms if self.newest_ms is None else self.newest_ms
        if abs(now_ms - last) > LEAP_MS or now_ms < self._not_before_ms - WAIT_MS:
            self._not_before_ms = now_ms + WAIT_MS
        self.newest_ms = now_ms
        return None if now_ms < self._not_before_ms else now_ms - self.max_age_ms
