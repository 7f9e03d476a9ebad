"""The system group and the three clocks of a device: what it is and since when it runs.

SNMPv2-MIB (RFC 3418), SNMP-FRAMEWORK-MIB (RFC 3411), HOST-RESOURCES-MIB (RFC 2790).
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.snmp.poll import Cells, Poll
from agent.snmp.values import text, whole

DESCR = "1.3.6.1.2.1.1.1.0"
OBJECT_ID = "1.3.6.1.2.1.1.2.0"
UP_TIME = "1.3.6.1.2.1.1.3.0"
NAME = "1.3.6.1.2.1.1.5.0"
ENGINE_BOOTS = "1.3.6.1.6.3.10.2.1.2.0"
ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"
HOST_UPTIME = "1.3.6.1.2.1.25.1.1.0"
OIDS = (UP_TIME, OBJECT_ID, DESCR, NAME, ENGINE_BOOTS, ENGINE_TIME, HOST_UPTIME)

TICKS_PER_SECOND = 100
WRAP = 1 << 32
"""TimeTicks are 32 bits of hundredths: after 497 days they start again at zero."""
DISAGREEMENT_TICKS = 600 * TICKS_PER_SECOND
SLACK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What the system group said. Times are None where absent or impossible.

    ticks: sysUpTime, hundredths of a second, wraps. engine_seconds: snmpEngineTime, only where it
    agrees with sysUpTime but for wraps. host_ticks: hrSystemUptime.
    """

    descr: str = ""
    object_id: str = ""
    name: str = ""
    ticks: int | None = None
    boots: int | None = None
    engine_seconds: int | None = None
    host_ticks: int | None = None

    def uptime_seconds(self, clock: str | None = None) -> float | None:
        """For how long the device runs; None when it does not say. `clock`: the only one of `system`,
        `engine` and `host` to believe, where the family is known to lie with the others.

        sysUpTime is the age of the agent and wraps, snmpEngineTime is the age of the agent and does
        not, hrSystemUptime is the age of the host, except on Windows, where it is not.
        """
        host = None if self.host_ticks is None else self.host_ticks / TICKS_PER_SECOND
        if clock == "host":
            return host
        seconds = float(self.engine_seconds) if self.engine_seconds is not None else None
        if clock == "system":
            seconds = None
        if seconds is None and self.ticks is not None:
            seconds = self.ticks / TICKS_PER_SECOND
        if clock is not None or host is None or "windows" in self.descr.lower():
            return seconds
        return max(seconds or 0.0, host)


async def read_system(poll: Poll) -> SystemFacts:
    """The system group of the device, in one request."""
    return decode_system(await poll.scalars("system", OIDS))


def decode_system(cells: Cells) -> SystemFacts:
    """The facts in the cells of one answer; what is missing or impossible is left out."""
    ticks = _ticks(cells, UP_TIME)
    engine = whole(cells.get(ENGINE_TIME))
    return SystemFacts(
        descr=text(cells.get(DESCR)),
        object_id=_object_id(cells),
        name=text(cells.get(NAME)),
        ticks=ticks,
        boots=whole(cells.get(ENGINE_BOOTS)),
        engine_seconds=engine if _believable(engine, ticks) else None,
        host_ticks=_ticks(cells, HOST_UPTIME),
    )


def restarted(before: SystemFacts, after: SystemFacts, elapsed: float) -> bool:
    """Whether the device (or its agent) started anew in the `elapsed` seconds between two polls.

    A sysUpTime that falls while snmpEngineTime grows, or that was about to wrap, is no restart; nor
    is one that stands still, or no counter of that device would ever grow.
    """
    if before.boots is not None and after.boots is not None and after.boots != before.boots:
        return True
    slack = SLACK_SECONDS + elapsed / 20
    if before.engine_seconds is not None and after.engine_seconds is not None:
        return after.engine_seconds < before.engine_seconds
    if before.ticks is None or after.ticks is None or after.ticks == before.ticks:
        return False
    if after.ticks < before.ticks:
        ahead = (after.ticks - before.ticks) % WRAP / TICKS_PER_SECOND
        return abs(ahead - elapsed) > slack
    # It runs for less time than has gone since we asked last: it must have started in between.
    return after.ticks / TICKS_PER_SECOND < elapsed - slack


def _ticks(cells: Cells, oid: str) -> int | None:
    ticks = whole(cells.get(oid))
    return ticks if ticks is not None and 0 <= ticks < WRAP else None


def _object_id(cells: Cells) -> str:
    """In figures; some agents send it as text with a leading dot."""
    words = text(cells.get(OBJECT_ID)).strip().strip(".")
    return words if words.replace(".", "").isdecimal() else ""


def _believable(engine: int | None, ticks: int | None) -> bool:
    """Many agents lie about snmpEngineTime: it must agree with sysUpTime but for whole wraps."""
    if engine is None or engine < 0:
        return False
    if not ticks:  # a sysUpTime of 0 is what an agent without a clock says (IronWare)
        return True
    off = (engine * TICKS_PER_SECOND - ticks) % WRAP
    return min(off, WRAP - off) <= DISAGREEMENT_TICKS
