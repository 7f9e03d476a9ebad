"""What an agent measures of its own machine and says of itself."""

from __future__ import annotations

from simulator.scenarios.agent import Agent
from simulator.scenarios.instrument import ONE, Identity, Instrument, series_of
from simulator.scenarios.rhythm import Weather
from telemetry import catalogue
from telemetry.sample import Series, SeriesPoints

HEARTBEAT_SECONDS = 60.0
"""As seldom as the contract allows."""
BYTES_PER_SAMPLE = 11


class Host(Instrument):
    """The check of the agent's own machine."""

    def __init__(self, agent: Agent, interval: float, identity: Identity, weather: Weather) -> None:
        super().__init__(agent, agent.host.id, "host", interval, identity)
        self._uptime = series_of(catalogue.DEVICE_UPTIME, identity)
        self._load = series_of(catalogue.HOST_LOAD, identity)
        self._offset = series_of(catalogue.HOST_CLOCK_OFFSET, identity)
        self._cpu = series_of(catalogue.DEVICE_CPU_UTILIZATION, identity, cpu="all")
        self._memory = series_of(catalogue.DEVICE_MEMORY_UTILIZATION, identity, pool="ram")
        self._disk = series_of(catalogue.DEVICE_STORAGE_UTILIZATION, identity, volume="/")

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One look."""
        box, draw = self.agent.host, self.chance
        self._answered(stamp, 0.2)
        cpu = box.busy(t)
        offset = self.agent.clock.at(t) + draw.gauss(0.0, 0.004)
        readings = (
            (self._uptime, t - box.booted_at),
            (self._load, cpu * (0.8 + 0.5 * draw.random())),
            (self._offset, offset),
            (self._cpu, round(cpu, 3)),
            (self._memory, round(box.memory_used(t), 4)),
            (self._disk, round(box.disk_share(t), 3)),
        )
        self.agent.rows.extend(SeriesPoints(s, stamp, (v,)) for s, v in readings)
        return None


class Heartbeat(Instrument):
    """The agent's word about itself; never skipped while it runs."""

    def __init__(self, agent: Agent, site: str) -> None:
        identity = {"site": site, "agent": agent.id}
        super().__init__(
            agent, agent.id, "self", HEARTBEAT_SECONDS, {**identity, "device": agent.id}
        )
        self._missed = 0.0
        self._own = identity
        self._versions: dict[str, Series] = {}
        names = (
            catalogue.AGENT_BOOT_TIMESTAMP,
            catalogue.AGENT_START_TIMESTAMP,
            catalogue.AGENT_CHECK_LATENESS,
            catalogue.AGENT_BUFFER_SAMPLES,
            catalogue.AGENT_BUFFER_BYTES,
            catalogue.AGENT_BUFFER_DROPPED,
        )
        self._series = tuple(series_of(metric, identity) for metric in names)
        self._last_ends = (
            series_of(catalogue.AGENT_LAST_STOP_CLEAN, identity),
            series_of(catalogue.AGENT_LAST_SHUTDOWN_CLEAN, identity),
        )
        self._push_failures = series_of(
            catalogue.AGENT_PUSH_FAILURES, identity, reason="unreachable"
        )
        self._oldest = series_of(catalogue.AGENT_BUFFER_OLDEST, identity)

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One heartbeat."""
        agent, rows = self.agent, self.agent.rows
        waiting = len(rows)
        oldest = rows[0].timestamps_ms[0] / 1000.0 if rows else None
        rows.append(SeriesPoints(self._info(agent.version), stamp, ONE))
        lateness = 0.002 + 0.01 * self.chance.expovariate(1.0)
        values = (
            float(int(agent.host.booted_at)),
            agent.started_at,
            lateness,
            float(waiting),
            float(waiting * BYTES_PER_SAMPLE),
            float(agent.dropped),
        )
        rows.extend(SeriesPoints(s, stamp, (v,)) for s, v in zip(self._series, values, strict=True))
        for ended, told in zip(
            (agent.stop_clean, agent.shutdown_clean), self._last_ends, strict=True
        ):
            if ended is not None:
                rows.append(SeriesPoints(told, stamp, (float(ended),)))
        if oldest is not None:
            rows.append(SeriesPoints(self._oldest, stamp, (oldest,)))
        if agent.failures:
            rows.append(SeriesPoints(self._push_failures, stamp, (float(agent.failures),)))
        return None

    def _info(self, version: str) -> Series:
        if version not in self._versions:
            self._versions[version] = series_of(catalogue.AGENT_INFO, self._own, version=version)
        return self._versions[version]
