"""What looks like a fault and is none: the things that fool monitors."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from inventory.inventory import Inventory
from simulator.scenarios.district import District
from simulator.scenarios.fault import devices, links
from simulator.scenarios.layout import CENTRE, agents
from simulator.scenarios.ping import Ping
from simulator.scenarios.rhythm import DAY, HOUR, MINUTE
from simulator.scenarios.truth import Innocent


@dataclass(frozen=True)
class Harmless(ABC):
    """Something harmless. where: the id of what it touches, empty for the whole district."""

    where: str
    onset: float
    chance: random.Random

    kind: ClassVar[str]
    per_week: ClassVar[float] = 1.0
    lasts: ClassVar[float] = HOUR
    at_night: ClassVar[bool] = False
    visible: ClassVar[bool] = False
    alone: ClassVar[bool] = False
    """Whether no fault may lie near it, because the two could not be told apart."""

    @classmethod
    @abstractmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The ids where it may happen."""

    @abstractmethod
    def begin(self, district: District) -> None:
        """Puts its steps on the district's calendar; called before time begins to pass."""

    def hits(self, inventory: Inventory) -> tuple[str, ...]:
        """The ids of those at whom it can be seen."""
        return (self.where,) if self.where else ()

    def innocent(self, inventory: Inventory) -> Innocent:
        """What it is, for those who ask who was fooled."""
        hits = self.hits(inventory)
        return Innocent(self.kind, hits, self.onset, self.onset + self.lasts, self.visible)


class LoneBadBurst(Harmless):
    """One burst of echoes of one device is lost wholly or mostly; the next is fine."""

    kind = "lone_bad_burst"
    per_week = 20.0
    lasts = 5 * MINUTE

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Any device."""
        return [device.id for device in inventory.devices]

    def begin(self, district: District) -> None:
        """The next burst is bad."""
        district.later(self.onset, lambda t: self._spoil(district))

    def _spoil(self, district: District) -> None:
        for instrument in district.instruments_of(self.where, Ping)[:1]:
            if isinstance(instrument, Ping):
                instrument.bad_bursts = 1


class CpuSpike(Harmless):
    """The processor is busy for some minutes: somebody saves the configuration, a scan runs."""

    kind = "cpu_spike"
    per_week = 12.0
    lasts = 12 * MINUTE

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Whatever has a processor worth the name."""
        return devices(inventory, "router", "server", "lan_switch", "workstation", "firewall")

    def begin(self, district: District) -> None:
        """Three to ten minutes."""
        box = district.boxes[self.where]
        district.later(self.onset, lambda t: setattr(box, "cpu_work", 0.99))
        ends = self.onset + self.chance.uniform(3, 10) * MINUTE
        district.later(ends, lambda t: setattr(box, "cpu_work", 0.0))


class CountersCleared(Harmless):
    """Somebody clears a box's counters; it goes on running."""

    kind = "counters_cleared"
    per_week = 3.0

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Boxes with ports that matter."""
        return devices(inventory, "router", "lan_switch", "fiber_olt", "firewall")

    def begin(self, district: District) -> None:
        """All ports begin at 0."""
        for port in district.ports[self.where].values():
            district.later(self.onset, port.clear)


class NightlyBackup(Harmless):
    """A server's disks are copied at night, every night at the same hour: busy, and much traffic."""

    kind = "nightly_backup"
    per_week = 0.5
    at_night = True
    lasts = 2 * HOUR

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The servers at the centre."""
        return ["documents", "portal"]

    def begin(self, district: District) -> None:
        """From the first night on; `onset` gives the hour."""
        box = district.boxes[self.where]
        line = next(port.line for port in district.ports[self.where].values())
        if line is None:
            raise ValueError(f"{self.where} hangs on no line")
        for night in range(int(district.days) + 1):
            start = self.onset + night * DAY + self.chance.gauss(0.0, 200.0)
            end = start + self.chance.uniform(45, 80) * MINUTE
            district.later(start, lambda t: setattr(box, "cpu_work", 0.88))
            district.later(start, lambda t: setattr(line, "extra_bits", 0.85 * line.speed))
            district.later(end, lambda t: setattr(box, "cpu_work", 0.0))
            district.later(end, lambda t: setattr(line, "extra_bits", 0.0))

    def innocent(self, inventory: Inventory) -> Innocent:
        """Every night."""
        return Innocent(self.kind, (self.where,), self.onset, self.onset + 400 * DAY)


class BatteryTest(Harmless):
    """A UPS tests itself: seconds on battery, which one poll may happen to see."""

    kind = "ups_self_test"
    per_week = 5.0
    lasts = 10 * MINUTE

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The UPSes."""
        return devices(inventory, "ups")

    def begin(self, district: District) -> None:
        """Ten seconds, in the very moment of a poll at times."""
        power = district.boxes[self.where].power
        district.later(self.onset, lambda t: setattr(power, "testing", True))
        ends = self.onset + self.chance.uniform(8, 25)
        district.later(ends, lambda t: setattr(power, "testing", False))


class AgentUpgrade(Harmless):
    """An agent is upgraded: away for half a minute, then another version, counters at 0."""

    kind = "agent_upgrade"
    per_week = 1.5
    lasts = 5 * MINUTE

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The agents."""
        return agents(inventory)

    def begin(self, district: District) -> None:
        """Half a minute or a little more."""
        agent = district.agents[self.where]
        back = self.onset + self.chance.uniform(15, 75)
        district.later(self.onset, lambda t: setattr(agent, "running", False))
        district.later(back, lambda t: district.restart_agent(self.where, t, "0.9.3"))


class ClockStep(Harmless):
    """A machine's clock was half a second off and is set right at once."""

    kind = "clock_step"
    per_week = 1.0
    lasts = 3 * HOUR

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The agents away from the centre."""
        return [site for site in agents(inventory) if site != CENTRE]

    def begin(self, district: District) -> None:
        """Off a little for a while, then a step."""
        clock = district.agents[self.where].clock
        off = self.chance.choice((-1.0, 1.0)) * self.chance.uniform(0.2, 0.45)
        district.later(self.onset, lambda t: clock.jump(off, t))
        district.later(self.onset + 2 * HOUR, lambda t: clock.jump(-off, t))


class Reroute(Harmless):
    """A carrier takes another way: some milliseconds more or less, for good."""

    kind = "reroute"
    per_week = 1.0
    lasts = 3 * DAY

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The carriers' lines."""
        return links(inventory, "fiber", "leased")

    def begin(self, district: District) -> None:
        """Two to five milliseconds."""
        line = district.lines[self.where]
        more = self.chance.uniform(0.002, 0.005)
        district.later(self.onset, lambda t: setattr(line, "delay", line.delay + more))


class SingleReboot(Harmless):
    """A box is restarted once, on purpose, after an update."""

    kind = "single_reboot"
    per_week = 2.0
    lasts = 15 * MINUTE
    visible = True
    alone = True

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Routers, switches, ONUs and rooms."""
        return devices(inventory, "router", "lan_switch", "fiber_onu", "vc_endpoint", "workstation")

    def begin(self, district: District) -> None:
        """Away for a minute or two."""
        seconds = self.chance.uniform(45, 150)
        district.later(self.onset, lambda t: district.reboot(self.where, t, seconds, in_order=True))

    def hits(self, inventory: Inventory) -> tuple[str, ...]:
        """It, what is behind it, and the boxes whose ports lose their link meanwhile."""
        ends = (link.end_devices for link in inventory.links if self.where in link.end_devices)
        beside = (end for pair in ends for end in pair)
        return tuple(
            dict.fromkeys((self.where, *inventory.topology.descendants(self.where), *beside))
        )


class PlannedWork(SingleReboot):
    """Announced work in a maintenance window: the box is off for an hour."""

    kind = "planned_work"
    per_week = 1.0
    lasts = 2 * HOUR
    visible = False

    def begin(self, district: District) -> None:
        """Off well after the window's start, back well before its end."""
        district.later(self.onset + 10 * MINUTE, lambda t: district.kill(self.where, t, lit=False))
        district.later(self.onset + 80 * MINUTE, lambda t: district.revive(self.where, t))


class SlowComputer(Harmless):
    """An old computer answers SNMP late or not at all, now and then, from the first day on."""

    kind = "slow_computer"
    per_week = 0.5
    lasts = 400 * DAY

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The computers."""
        return devices(inventory, "workstation")

    def begin(self, district: District) -> None:
        """One poll in twelve fails."""
        box = district.boxes[self.where]
        box.slow, box.snmp_loss = 12.0, 0.08


class HotSpell(Harmless):
    """The whole district warms up for some days; the weather has it, see `Timetable.waves`."""

    kind = "hot_spell"
    per_week = 0.5
    lasts = 5 * DAY

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Everywhere."""
        return [""]

    def begin(self, district: District) -> None:
        """Nothing to do here: the weather was made with it."""

    @property
    def degrees(self) -> float:
        """How much hotter."""
        return 4.0 + 2.5 * (self.onset % 89.0) / 89.0


HARMLESS: tuple[type[Harmless], ...] = (
    LoneBadBurst,
    CpuSpike,
    CountersCleared,
    NightlyBackup,
    BatteryTest,
    AgentUpgrade,
    ClockStep,
    Reroute,
    SingleReboot,
    PlannedWork,
    SlowComputer,
    HotSpell,
)
