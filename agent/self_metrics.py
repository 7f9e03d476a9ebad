"""What the agent says about itself, at least every 15 seconds: its heartbeat."""

from __future__ import annotations

import importlib.metadata
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.buffer import BufferState
from telemetry.catalogue import (
    AGENT_BOOT_TIMESTAMP,
    AGENT_BUFFER_BYTES,
    AGENT_BUFFER_DROPPED,
    AGENT_BUFFER_OLDEST,
    AGENT_BUFFER_SAMPLES,
    AGENT_CHECK_LATENESS,
    AGENT_CHECKS_SKIPPED,
    AGENT_INFO,
    AGENT_LAST_SHUTDOWN_CLEAN,
    AGENT_LAST_STOP_CLEAN,
    AGENT_PUSH_FAILURES,
    AGENT_START_TIMESTAMP,
    AGENT_TRAPS_REFUSED,
)
from telemetry.sample import Reading, Sample

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
PROC_STAT = Path("/proc/stat")


@dataclass(frozen=True, slots=True)
class SelfView:
    """What the parts of a running agent report. Times are seconds since 1970.

    booted: None where the system does not say. push_failures and skipped: counts by reason and kind.
    traps_refused: counts by reason, empty where no traps are listened for. stop_clean, shutdown_clean:
    whether the last run and the machine before it ended in order, None where nothing tells.
    """

    version: str
    booted: float | None
    started: float
    buffer: BufferState | None
    push_failures: Mapping[str, int]
    skipped: Mapping[str, int]
    lateness: float
    traps_refused: Mapping[str, int] = field(default_factory=dict)
    stop_clean: bool | None = None
    shutdown_clean: bool | None = None

    def samples(self, site: str, agent: str, now: float) -> list[Sample]:
        """The heartbeat of this moment; bears `site` and `agent` only."""
        identity = {"site": site, "agent": agent}
        moment = round(now * 1000)
        return [reading.sample(identity, moment) for reading in self._readings()]

    def _readings(self) -> Iterator[Reading]:
        yield AGENT_INFO.reading(1, version=self.version)
        if self.booted is not None:
            yield AGENT_BOOT_TIMESTAMP.reading(self.booted)
        yield AGENT_START_TIMESTAMP.reading(self.started)
        if self.stop_clean is not None:
            yield AGENT_LAST_STOP_CLEAN.reading(self.stop_clean)
        if self.shutdown_clean is not None:
            yield AGENT_LAST_SHUTDOWN_CLEAN.reading(self.shutdown_clean)
        yield AGENT_CHECK_LATENESS.reading(self.lateness)
        if self.buffer is not None:
            yield AGENT_BUFFER_SAMPLES.reading(self.buffer.samples)
            yield AGENT_BUFFER_BYTES.reading(self.buffer.bytes)
            yield AGENT_BUFFER_DROPPED.reading(self.buffer.dropped)
            if self.buffer.oldest_ms is not None:
                yield AGENT_BUFFER_OLDEST.reading(self.buffer.oldest_ms / 1000)
        for reason, count in self.push_failures.items():
            yield AGENT_PUSH_FAILURES.reading(count, reason=reason)
        for kind, count in self.skipped.items():
            yield AGENT_CHECKS_SKIPPED.reading(count, check=kind)
        for reason, count in self.traps_refused.items():
            yield AGENT_TRAPS_REFUSED.reading(count, reason=reason)


def own_version() -> str:
    """The version of the installed distribution."""
    try:
        return importlib.metadata.version("lapthach-monitor")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"  # run from a source tree that was never installed


def boot_time(stat: Path = PROC_STAT, now: Callable[[], float] = time.time) -> float | None:
    """When this machine started, seconds since 1970; None where the system does not tell.

    Linux says it in /proc/stat (`btime`, proc(5)); it moves with the wall clock when that is set.
    Elsewhere the clock that counts from boot is subtracted from the time.
    """
    try:
        for line in stat.read_text(encoding="ascii").splitlines():
            if line.startswith("btime "):
                return float(line.split()[1])
    except (OSError, ValueError, IndexError):
        log.debug("no boot time in this file", extra={"file": stat})
    clock = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_UPTIME_RAW", None)
    return now() - time.clock_gettime(clock) if clock is not None else None
