"""The ICMP check: bursts of ten echoes, loss in tenths, round trips that depend on the load."""

from __future__ import annotations

from simulator.scenarios.agent import Agent
from simulator.scenarios.chance import Wander
from simulator.scenarios.instrument import Identity, Instrument, series_of
from simulator.scenarios.way import Way
from telemetry import catalogue
from telemetry.sample import SeriesPoints

PACKETS = 10
AGAIN_SECONDS = 5.0
WAIT_SECONDS = 1.45
LOST_BURST = 0.00001
"""How often a whole burst of a healthy device comes to nothing: a busy box, a lone accident."""
LATE_ECHO = 0.012
LATE_RATE = 60.0
"""One burst in eighty holds an echo that a busy box answers late, by some tens of milliseconds."""


class Ping(Instrument):
    """Looks again soon when its target falls silent or speaks again, as the agent does."""

    def __init__(self, agent: Agent, way: Way, interval: float, identity: Identity) -> None:
        super().__init__(agent, way.end.id, "icmp", interval, identity)
        self._way = way
        self._wander = Wander(self.chance, 0.06, 1200.0)
        self._sent = self._received = 0
        self._heard = True
        self.bad_bursts = 0
        names = (
            catalogue.ICMP_PACKETS_SENT,
            catalogue.ICMP_PACKETS_RECEIVED,
            catalogue.ICMP_LOSS_RATIO,
            catalogue.ICMP_RTT_MIN,
            catalogue.ICMP_RTT_MEDIAN,
            catalogue.ICMP_RTT_P90,
            catalogue.ICMP_RTT_MAX,
            catalogue.ICMP_JITTER,
        )
        self._series = tuple(series_of(metric, identity) for metric in names)

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One burst."""
        passage = self._way.passage(t)
        loss = 1.0 if passage is None else passage.loss
        received = self._replies(loss)
        self._sent += PACKETS
        self._received += received
        rows = self.agent.rows
        sent, back, lost, low, median, p90, high, swing = self._series
        if passage is None or received == 0:
            self._failed(stamp, WAIT_SECONDS, "timeout")
        else:
            draw = self.chance
            middle = passage.delay * (1.0 + self._wander.at(t))
            spread = passage.jitter * (0.6 + 0.8 * draw.random())
            top = middle + spread * (1.3 + draw.random())
            late = draw.expovariate(LATE_RATE) if draw.random() < LATE_ECHO else 0.0
            peak = top + spread * draw.expovariate(1.2) + late
            self._answered(stamp, 0.45 + peak)
            rows.append(SeriesPoints(low, stamp, (middle - min(spread, 0.4 * middle),)))
            rows.append(SeriesPoints(median, stamp, (middle,)))
            rows.append(SeriesPoints(p90, stamp, (top,)))
            rows.append(SeriesPoints(high, stamp, (peak,)))
            swung = spread * (0.9 + 0.3 * draw.random()) + 2.0 * late / (PACKETS - 1)
            rows.append(SeriesPoints(swing, stamp, (swung,)))
        rows.append(SeriesPoints(sent, stamp, (float(self._sent),)))
        rows.append(SeriesPoints(back, stamp, (float(self._received),)))
        rows.append(SeriesPoints(lost, stamp, ((PACKETS - received) / PACKETS,)))
        heard, self._heard = self._heard, received > 0
        return AGAIN_SECONDS if heard != self._heard else None

    def _replies(self, loss: float) -> int:
        """How many of ten come back. Most bursts of a healthy line need a single draw."""
        draw = self.chance.random
        if self.bad_bursts:
            self.bad_bursts -= 1
            return 0 if draw() < 0.3 else int(draw() * 8)
        if loss >= 1.0 or draw() < LOST_BURST:
            return 0
        if loss < 0.001:
            return PACKETS - 1 if draw() < PACKETS * loss else PACKETS
        return sum(draw() >= loss for _ in range(PACKETS))

    def restart(self) -> None:
        """The counters begin at 0."""
        super().restart()
        self._sent = self._received = 0
