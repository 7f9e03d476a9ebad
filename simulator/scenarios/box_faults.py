"""Faults of single boxes: heat, fans, power supplies, processor, memory, disk, battery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory.inventory import Inventory
from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault, Weight, devices
from simulator.scenarios.rhythm import DAY
from simulator.scenarios.truth import Truth

PEERS_RUNTIME_SECONDS = 900.0
"""Less than 15 minutes of runtime: where awesome-prometheus-alerts warns."""
PEERS_SHARE = 0.9
"""Memory and disks: where the others warn."""


class Overheats(Fault):
    """A fan has died and the box grows hot."""

    kind = "overheating"
    shows: ClassVar[tuple[str, ...]] = ("device_temperature_celsius", "device_fan_ok")
    hours = (6.0, 30.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Boxes with fans."""
        return devices(inventory, "server", "firewall", "fiber_olt", "cell_station")

    def begin(self, district: District, t: float) -> None:
        """A dozen degrees and more within the hour."""
        box = district.boxes[self.where]
        box.fans[next(iter(box.fans))] = False
        box.heat.driven_to = self.chance.uniform(16.0, 24.0)

    def finish(self, district: District, t: float) -> None:
        """A new fan."""
        box = district.boxes[self.where]
        box.fans[next(iter(box.fans))] = True
        box.heat.driven_to = 0.0


class RunsHot(Overheats):
    """A box without fan sensor grows hot: dust, a closed cabinet."""

    kind = "hot_without_fan"
    shows = ("device_temperature_celsius",)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Boxes that tell their temperature but have no fan."""
        return devices(inventory, "lan_switch", "router")

    def begin(self, district: District, t: float) -> None:
        """A dozen degrees and more within the hour."""
        district.boxes[self.where].heat.driven_to = self.chance.uniform(15.0, 22.0)

    def finish(self, district: District, t: float) -> None:
        """Dusted."""
        district.boxes[self.where].heat.driven_to = 0.0


class FanFails(Overheats):
    """One of two fans fails; the other keeps it cool."""

    kind = "fan_fail"
    shows = ("device_fan_ok",)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Boxes with two fans."""
        return devices(inventory, "server", "firewall")

    def begin(self, district: District, t: float) -> None:
        """It stands still."""
        box = district.boxes[self.where]
        box.fans[next(iter(box.fans))] = False


class SupplyFails(Fault):
    """One of two power supplies fails."""

    kind = "power_supply_fail"
    shows = ("device_power_supply_ok",)
    hours = (6.0, 40.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Boxes with two."""
        return devices(inventory, "firewall", "fiber_olt")

    def begin(self, district: District, t: float) -> None:
        """It fails."""
        district.boxes[self.where].supplies["psu2"] = False

    def finish(self, district: District, t: float) -> None:
        """A new one."""
        district.boxes[self.where].supplies["psu2"] = True


class RectifierFails(Fault):
    """The rectifier of a station fails; the other carries on."""

    kind = "rectifier_fail"
    shows = ("rectifier_ok",)
    hours = (6.0, 40.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The stations' power systems."""
        return devices(inventory, "power_system")

    def begin(self, district: District, t: float) -> None:
        """It fails."""
        district.boxes[self.where].power.rectifier_ok = False

    def finish(self, district: District, t: float) -> None:
        """A new one."""
        district.boxes[self.where].power.rectifier_ok = True


class CpuStuck(Fault):
    """A process has run wild."""

    kind = "cpu_stuck"
    shows = ("device_cpu_utilization_ratio", "host_load_ratio", "snmp_response_seconds", "check_up")
    hours = (4.0, 30.0)
    times = 2

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Routers, servers, switches, computers."""
        return devices(inventory, "router", "server", "lan_switch", "workstation", "lte_cpe")

    def begin(self, district: District, t: float) -> None:
        """All it can."""
        district.boxes[self.where].cpu_floor = self.chance.uniform(0.985, 1.0)

    def finish(self, district: District, t: float) -> None:
        """Ended."""
        district.boxes[self.where].cpu_floor = 0.0


class MemoryLeaks(Fault):
    """Memory is used up day by day."""

    kind = "memory_leak"
    shows = ("device_memory_utilization_ratio",)
    weight = Weight.FRAGILE
    hours = (220.0, 290.0)
    times = 2

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Routers, switches, the firewall."""
        return devices(inventory, "router", "lan_switch", "firewall", "fiber_onu")

    def begin(self, district: District, t: float) -> None:
        """So much a day that it reaches the limit in a fortnight or so."""
        box = district.boxes[self.where]
        box.leak.grow((PEERS_SHARE - box.memory) / self._days(), t)

    def finish(self, district: District, t: float) -> None:
        """A restart at night."""
        district.boxes[self.where].leak.reset()

    def truths(self, district: District) -> tuple[Truth, ...]:
        """With the day on which it reaches the limit."""
        return (self.truth(district, self.onset + self._days() * DAY),)

    def _days(self) -> float:
        return 9.5 + 4.5 * (self.onset % 983.0) / 983.0


class DiskFills(MemoryLeaks):
    """A disk fills up with logs."""

    kind = "disk_filling"
    shows = ("device_storage_utilization_ratio",)
    weight = Weight.SLOW
    times = 1

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Machines with disks."""
        return devices(inventory, "server", "workstation")

    def begin(self, district: District, t: float) -> None:
        """So much a day."""
        box = district.boxes[self.where]
        box.disk.grow((PEERS_SHARE - box.disk_used) / self._days(), t)

    def finish(self, district: District, t: float) -> None:
        """Cleared."""
        district.boxes[self.where].disk.reset()


class BatteryWears(Fault):
    """A battery carries the same load for less time every day."""

    kind = "battery_worn"
    shows = ("battery_runtime_seconds", "battery_voltage_volts", "battery_charge_ratio")
    weight = Weight.SLOW
    hours = (240.0, 300.0)
    times = 2

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The UPSes."""
        return devices(inventory, "ups")

    def begin(self, district: District, t: float) -> None:
        """So much a day that it is at the limit in a fortnight or so."""
        power = district.boxes[self.where].power
        power.worn.grow((1.0 - PEERS_RUNTIME_SECONDS / power.runtime) / self._days(), t)

    def finish(self, district: District, t: float) -> None:
        """A new battery."""
        district.boxes[self.where].power.worn.reset()

    def truths(self, district: District) -> tuple[Truth, ...]:
        """With the day on which it is at the limit."""
        return (self.truth(district, self.onset + self._days() * DAY),)

    def _days(self) -> float:
        return 9.5 + 4.5 * (self.onset % 977.0) / 977.0


class BatteryCallsForHelp(Fault):
    """A UPS asks for a new battery after its self-test."""

    kind = "battery_replace"
    shows = ("battery_replace_needed",)
    hours = (30.0, 90.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The UPSes."""
        return devices(inventory, "ups")

    def begin(self, district: District, t: float) -> None:
        """The lamp is on."""
        district.boxes[self.where].power.replace_needed = True

    def finish(self, district: District, t: float) -> None:
        """A new battery."""
        district.boxes[self.where].power.replace_needed = False


class AnswersSlower(Fault):
    """A box takes longer to answer SNMP every day, as ageing ones do."""

    kind = "snmp_slowing"
    shows = ("snmp_response_seconds", "check_up", "check_duration_seconds")
    weight = Weight.SLOW
    hours = (200.0, 290.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Switches, routers, OLTs."""
        return devices(inventory, "lan_switch", "router", "fiber_olt")

    def begin(self, district: District, t: float) -> None:
        """Its usual time again, every day or every other one."""
        district.boxes[self.where].slowing.grow(self.chance.uniform(0.5, 1.3), t)

    def finish(self, district: District, t: float) -> None:
        """Replaced."""
        district.boxes[self.where].slowing.reset()


BOX_FAULTS: tuple[type[Fault], ...] = (
    Overheats,
    RunsHot,
    FanFails,
    SupplyFails,
    RectifierFails,
    CpuStuck,
    MemoryLeaks,
    DiskFills,
    BatteryWears,
    BatteryCallsForHelp,
    AnswersSlower,
)
