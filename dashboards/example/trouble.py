"""The plan of what goes wrong in the example: one screen's worth, of every kind that a board shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.words import STATES
from inventory.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Fault:
    """From `begin` until `end` minutes before the example's end (0: it still stands), `device` is in
    `state` for `rule`. behind: devices that cannot be reached meanwhile.
    """

    device: str
    begin: int
    end: int
    state: str
    rule: str
    severity: str
    behind: tuple[str, ...] = ()


TROUBLE: tuple[Fault, ...] = (
    # A dead switch takes the whole office behind it along.
    Fault(
        "bac-binh-switch", 48, 0, "down", "reachability", "critical",
        tuple(f"bac-binh-{thing}" for thing in ("room", "pc", "ups", "printer")),
    ),
    # A fibre that somebody bent: light fades, packets go, the meeting suffers.
    Fault("hoa-son-onu", 70, 0, "degraded", "optical_power", "critical"),
    Fault("hoa-son-room", 70, 66, "down", "reachability", "critical"),
    Fault("hoa-son-room", 66, 0, "degraded", "loss", "warning"),
    # No mains, and an old battery.
    Fault("tien-lu-ups", 35, 0, "degraded", "on_battery", "warning"),
    Fault("tien-lu-ups", 12, 0, "degraded", "battery_charge", "critical"),
    # An office whose agent has not been heard of.
    Fault("quang-son", 40, 0, "not_measured", "agent_silent", "critical"),
    Fault("lien-son-router", 90, 0, "degraded", "interface_errors", "warning"),
    Fault("district-office-documents", 80, 0, "degraded", "storage", "warning"),
    Fault("district-office-core", 95, 0, "degraded", "fan", "warning"),
    Fault("dinh-chu-ups", 99, 0, "degraded", "battery_replace", "warning"),
    Fault("document-exchange", 55, 0, "degraded", "certificate", "warning"),
    Fault("one-stop", 25, 0, "degraded", "slow_page", "warning"),
    Fault("payment-gateway", 20, 0, "down", "reachability", "critical"),
    Fault("van-truc-room", 30, 0, "degraded", "loss", "critical"),
    Fault("station-tu-du-power", 65, 0, "degraded", "on_battery", "warning"),
    # Over already: it shows on the courses only.
    Fault(
        "dong-ich-onu", 88, 58, "down", "reachability", "critical",
        tuple(f"dong-ich-{t}" for t in ("router", "switch", "room", "server", "pc", "ups", "printer")),
    ),
    Fault("xuan-hoa-switch", 45, 5, "excused", "", ""),
)  # fmt: skip

SILENT = "agent_silent"
CUT_OFFICE = "dong-ich"
"""The office whose line was cut and whose agent sent everything afterwards."""


class Plan:
    """The plan over the minutes of an example."""

    def __init__(self, inventory: Inventory, minutes: int) -> None:
        self._minutes = minutes
        self._states: dict[str, list[str]] = {}
        self.faults = TROUBLE
        for fault in TROUBLE:
            self._mark(self._hit(inventory, fault), fault, fault.state)
            self._mark(fault.behind, fault, "unreachable")

    def states(self, device: str) -> Sequence[str]:
        """The state of a device or service in each minute."""
        return self._states.get(device) or ["up"] * self._minutes

    def during(self, fault: Fault) -> list[bool]:
        """In which minutes a fault stands."""
        last = self._minutes - 1
        return [fault.end <= last - minute <= fault.begin for minute in range(self._minutes)]

    def troubled(self, device: str, rule: str) -> list[bool]:
        """In which minutes a device has a fault of this rule."""
        found = [self.during(f) for f in self.faults if (f.device, f.rule) == (device, rule)]
        return [any(minute) for minute in zip(*found, strict=True)] or [False] * self._minutes

    def _hit(self, inventory: Inventory, fault: Fault) -> Iterable[str]:
        if fault.rule == SILENT:
            return [device.id for device in inventory.devices if device.site == fault.device]
        return [fault.device]

    def _mark(self, devices: Iterable[str], fault: Fault, state: str) -> None:
        for device in devices:
            states = self._states.setdefault(device, ["up"] * self._minutes)
            for minute, there in enumerate(self.during(fault)):
                if there and STATES[state].code > STATES[states[minute]].code:
                    states[minute] = state
