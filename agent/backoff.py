"""How long to wait after a failure: longer each time, and never in step with the other offices."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Exponential back-off with full jitter: any time between nothing and the present ceiling.

    Twenty-two agents lose the collector in the same second; without jitter they would also return
    in the same second, again and again.
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    `dice` yields numbers in [0, 1).
    """

    first: float = 1.0
    ceiling: float = 30.0
    dice: Callable[[], float] = random.random
    failures: int = 0

    def succeeded(self) -> None:
        """The next failure begins at the first step again."""
        self.failures = 0

    def next_wait(self, at_least: float | None = None) -> float:
        """Seconds to wait after one more failure; what was asked of us is a floor under it."""
        top = min(self.ceiling, self.first * 2.0 ** min(self.failures, 30))
        self.failures += 1
        jitter = self.dice() * top
        return jitter if at_least is None else at_least + min(jitter, self.first)
