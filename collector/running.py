"""The running figures of a series: its fast mean, how it swings about it, the jump to each sample."""

from __future__ import annotations

from dataclasses import dataclass

FAST_WEIGHT = 1 / 8
"""How quickly the fast mean and the swing follow."""

STEADY_SAMPLES = 8
"""The figures mean nothing before they have seen so many samples without a gap."""

GAP_STEPS = 10
"""After a gap of so many usual steps they start anew."""


@dataclass(slots=True)
class Running:
    """mean: the fast mean. swing: the mean distance from it. jump: from the sample before. step: the
    usual time between samples. samples: all there were; steady: those since the last gap.
    """

    at: float = 0.0
    step: float = 0.0
    samples: int = 0
    steady: int = 0
    last: float = 0.0
    jump: float = 0.0
    mean: float = 0.0
    swing: float = 0.0

    @property
    def settled(self) -> bool:
        """Whether the figures mean something."""
        return self.steady > STEADY_SAMPLES

    def take(self, at: float, value: float) -> None:
        """One more sample, newer than the last one."""
        if not self.samples:
            self.mean = self.last = value
        else:
            self._step(at - self.at, value)
        self.at = at
        self.samples += 1
        self.steady += 1
        off = value - self.mean
        self.mean += off * FAST_WEIGHT
        self.swing += (abs(off) - self.swing) * FAST_WEIGHT
        self.jump = value - self.last
        self.last = value

    def _step(self, step: float, value: float) -> None:
        """Follows the usual time between samples, a longer one slowly; sees a gap."""
        usual = self.step
        if step > GAP_STEPS * usual > 0.0:
            self.steady = 0
            self.mean = self.last = value
        if step > 2.0 * usual > 0.0:
            step = 2.0 * usual
        self.step += (step - usual) * FAST_WEIGHT
