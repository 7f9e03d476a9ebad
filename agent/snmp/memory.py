"""What the probe keeps of one device between two polls."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.snmp.budget import Budget
from agent.snmp.counters import Totals
from agent.snmp.entity import Hardware
from agent.snmp.plan import Plan
from agent.snmp.poll import Cells
from agent.snmp.system import SystemFacts
from inventory.profile import Recognition

LOOK_AGAIN_SECONDS = (300.0, 3600.0)
"""How long what the device lacks is left alone: at first, and later. The first is short because agents
that have just started lack what they have yet to measure (net-snmp: the processors)."""


@dataclass(slots=True)
class Memory:
    """One device's past. Times are seconds on the probe's clock, which does not jump.

    wide: the protocol version can carry 64-bit counters. absent: groups that the device does not have.
    missing: cells that it does not have. narrow: rows of ifTable without 64-bit counters. interfaces:
    interface names by ifIndex, of the last poll. empty_slots: rows of ifTable whose hardware is not
    there. no_ports: kinds of rows that are no ports. others: the rows of these kinds. discontinuities:
    ifCounterDiscontinuityTime by interface name. hardware, nameplate: what ENTITY-MIB and UPS-MIB said
    about the make, valid once inspected. recognition: the device's family. sayings: what it said at the
    places that its profile names. plan: the cells that its profile adds, None before the survey. budget:
    what polling may cost it. port_key: what names a port. sensor_tables: tables built like
    entPhySensorTable.
    """

    wide: bool = True
    budget: Budget = field(default_factory=Budget)
    totals: Totals = field(default_factory=Totals)
    facts: SystemFacts | None = None
    polled_at: float = 0.0
    looks: int = 0
    look_again_at: float = 0.0
    absent: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    narrow: set[str] = field(default_factory=set)
    interfaces: dict[str, str] = field(default_factory=dict)
    empty_slots: set[str] = field(default_factory=set)
    no_ports: tuple[int, ...] = ()
    others: set[str] = field(default_factory=set)
    discontinuities: dict[str, int] = field(default_factory=dict)
    inspected: bool = False
    hardware: Hardware = field(default_factory=Hardware)
    nameplate: Cells = field(default_factory=dict)
    recognition: Recognition | None = None
    sayings: Cells = field(default_factory=dict)
    plan: Plan | None = None
    port_key: str = "name"
    sensor_tables: tuple[str, ...] = ()

    @property
    def patience_seconds(self) -> float:
        """How long the device's family needs for an answer; 0 where nothing is known."""
        return (self.recognition.profile.agent.timeout or 0.0) if self.recognition else 0.0

    def look_again(self, now: float) -> None:
        """Forgets what was absent: later, the device may have it. Learning the missing cells again
        would cost thousands of requests, so they are kept until it restarts."""
        self.look_again_at = now + LOOK_AGAIN_SECONDS[min(self.looks, 1)]
        self.looks += 1
        self.absent.clear()
        self.narrow.clear()
        self.inspected = False
        self.recognition = None
        self.plan = None

    def seen(self, facts: SystemFacts, now: float, restarted: bool) -> None:
        """Opens a poll: what the system group said at `now`."""
        if restarted:
            self.looks = 0
            self.missing.clear()
            self.empty_slots.clear()
            self.others.clear()
        if restarted or not self.looks or now >= self.look_again_at:
            self.look_again(now)
        self.totals.begin(now, restarted)
        self.facts = facts
        self.polled_at = now
