"""What polling may cost a device: requests a second, rows at once, and rest when it groans.

Much of the equipment is old. A full walk has held switches at 100 % of processor for minutes (Huawei
S6720, Juniper EX2200), and others stop answering GETBULK of fifty rows (Nexus, Palo Alto). So each
device has a budget of its own, which learns. Pure: the time is an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import fmean, median

USUAL_RATE = 100.0
MOST_REPETITIONS = 20
GROW_AFTER = 50
"""Good walks before one row more is asked for at once; doubled each time that it went wrong."""
MOST_PATIENCE = 10_000
MOST_OBJECTS = 50
"""Objects a GET, as long as the device gives them whole: an answer of so many fits an Ethernet frame."""
FEW_OBJECTS = 20
FEWEST_OBJECTS = 5

REMEMBERED = 60
"""Response times that the usual one is the median of; an hour of polls."""
ENOUGH = 8
MARKEDLY = 4.0
"""So many times its usual response time is groaning, if it is also this much longer:"""
LONGER_SECONDS = 0.2
CALM = 3
"""So many calm polls in a row take one step of the rest back."""
MOST_STRAIN = 3
BUSY, RISE = 0.75, 0.25
"""Processor load after a poll, and its rise over that during it, that are put down to the poll."""


class Budget:
    """One device's. `rate`: requests a second at most; that many may also come at once after a pause."""

    def __init__(self, rate: float = USUAL_RATE) -> None:
        self.rate = rate
        self.repetitions = Repetitions()
        self.objects = Objects()
        self.strain = Strain()
        self._tokens = max(1.0, rate)
        self._at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds to wait before the request that is now in hand may be sent; it is taken as sent."""
        if self._at is not None:
            more = max(0.0, now - self._at) * self.rate
            self._tokens = min(max(1.0, self.rate), self._tokens + more)
        self._at = now
        self._tokens -= 1
        return max(0.0, -self._tokens / self.rate)


class Objects:
    """How many objects a device is asked for in one GET.

    value: the figure for the next request.
    """

    def __init__(self) -> None:
        self.value = MOST_OBJECTS

    def too_many(self, asked: int) -> None:
        """A request for so many got no good answer, its parts did."""
        smaller = FEW_OBJECTS if asked > FEW_OBJECTS else max(FEWEST_OBJECTS, asked // 2)
        self.value = min(self.value, smaller)


class Repetitions:
    """How many rows a device is asked for at once; 0 stands for GETNEXT.

    value: the figure for the next walk. tried: whether GETBULK was ever compared with GETNEXT.
    """

    def __init__(self) -> None:
        self.value = MOST_REPETITIONS
        self.tried = False
        self._good = 0
        self._patience = GROW_AFTER

    def worked(self, used: int) -> None:
        """A walk brought its rows with `used` at once: as asked for, or fewer where that failed."""
        if used < self.value:
            self._lower(used)
            return
        self._good += 1
        if self._good >= self._patience and self.value < MOST_REPETITIONS:
            self._good = 0
            self.tried = self.tried and self.value > 0  # what skipped rows may be mended by now
            self.value += 1

    def failed(self) -> None:
        """A walk got no answer: half as many next time."""
        self._lower(self.value // 2)

    def skips_rows(self) -> None:
        """GETBULK left rows out that GETNEXT brings."""
        self._patience = MOST_PATIENCE
        self._lower(0)

    def _lower(self, value: int) -> None:
        self.value, self._good = value, 0
        self._patience = min(self._patience * 2, MOST_PATIENCE)


class Strain:
    """Whether a device bears its polls. At strain n only every 2^n-th poll asks for everything.

    level: 0 none, at most `MOST_STRAIN`. reason: what it was raised for, one sentence.
    """

    def __init__(self) -> None:
        self.level = 0
        self.reason = ""
        self._responses: deque[float] = deque(maxlen=REMEMBERED)
        self._calm = 0
        self._skip = 0

    def asks_all(self) -> bool:
        """Whether the poll that begins may ask for everything. Call it once a poll."""
        if self._skip > 0:
            self._skip -= 1
            return False
        self._skip = (1 << self.level) - 1
        return True

    def responded(self, seconds: float) -> None:
        """How long the device took for the first answer of a poll."""
        usual = median(self._responses) if len(self._responses) >= ENOUGH else None
        self._responses.append(seconds)
        if usual is not None and seconds > usual * MARKEDLY and seconds > usual + LONGER_SECONDS:
            self._raise(f"it answers in {seconds:.2f} s instead of {usual:.2f} s")
            return
        self._calm += 1
        if self._calm >= CALM:
            self._calm = 0
            self.level = max(0, self.level - 1)

    def heated(self, during: Sequence[float], after: Sequence[float]) -> None:
        """The load of the processors (0 to 1) while a poll ran and at its end."""
        if during and after and fmean(after) >= max(BUSY, fmean(during) + RISE):
            self._raise(
                f"its processor went from {fmean(during):.0%} to {fmean(after):.0%} while asked"
            )

    def _raise(self, reason: str) -> None:
        self.reason = reason
        self._calm = 0
        self.level = min(self.level + 1, MOST_STRAIN)
        self._skip = (1 << self.level) - 1
