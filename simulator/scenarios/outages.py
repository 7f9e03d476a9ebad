"""Faults after which something does not answer: dead boxes, cut lines, no power."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from inventory.inventory import Inventory
from simulator.scenarios.district import District
from simulator.scenarios.fault import (
    ANSWERS,
    Fault,
    Weight,
    behind,
    devices,
    link_of,
    links,
    offices,
    stands_at,
)
from simulator.scenarios.layout import CENTRE, SEEN_FROM_THE_CENTRE, agent_host
from simulator.scenarios.truth import Truth


def _above(inventory: Inventory, device: str) -> tuple[str, ...]:
    """The line by which a device is reached, as a cause."""
    for parent in inventory.topology.parents(device):
        link = inventory.topology.link_between(parent, device)
        if link is not None:
            return (f"link:{link.id}",)
    return ()


def _mute(inventory: Inventory, hit: Sequence[str]) -> tuple[str, ...]:
    """The agent that falls silent when these are gone and nobody else looks at them: all that can be seen
    from outside is that it is silent.
    """
    first = inventory.device(hit[0])
    if first is None or first.site == CENTRE or first.class_.value in SEEN_FROM_THE_CENTRE:
        return ()
    return (f"agent:{first.site}",) if agent_host(first.site) in hit else ()


class DeviceHangs(Fault):
    """A box hangs: no answer, nothing passes, but its ports keep their lights."""

    kind = "device_dead"
    shows = (*ANSWERS, "interface_up", "device_uptime_seconds", "agent_info")
    weight = Weight.HARD
    hours = (1.0, 8.0)
    times = 2

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Switches, routers, ONUs, rooms, servers of the communes."""
        there = set(offices(inventory))
        classes = ("lan_switch", "router", "vc_endpoint", "fiber_onu", "workstation", "lte_cpe")
        found = (inventory.device(id_) for id_ in devices(inventory, *classes))
        return [d.id for d in found if d is not None and d.site in there]

    def begin(self, district: District, t: float) -> None:
        """It stops."""
        district.kill(self.where, t, lit=True)

    def finish(self, district: District, t: float) -> None:
        """Somebody has pulled the plug and put it back."""
        district.revive(self.where, t)

    def targets(self, inventory: Inventory) -> tuple[str, ...]:
        """It and what is behind it."""
        return (self.where, *inventory.topology.descendants(self.where))

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """The agent behind it, where only that looks."""
        return _mute(inventory, self.targets(inventory))


class DeviceDies(DeviceHangs):
    """A box has no power any more: the far ends lose their link, which looks like a cut line."""

    kind = "device_dark"

    def begin(self, district: District, t: float) -> None:
        """It goes out."""
        district.kill(self.where, t, lit=False)

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """From afar nobody can tell it from the line to it."""
        return (*_above(inventory, self.where), *super().also(inventory))


class LineCut(Fault):
    """A line is cut."""

    kind = "line_cut"
    subject = "link"
    shows = (*ANSWERS, "interface_up", "optical_receive_power_dbm", "agent_info")
    weight = Weight.HARD
    hours = (1.0, 9.0)
    times = 2

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The lines to the communes and stations, and those inside the communes."""
        outside = links(inventory, "fiber", "cellular", "leased")
        inside = [id_ for id_ in links(inventory, "lan") if id_.endswith(("-floor", "-room-line"))]
        return outside * 2 + inside

    def begin(self, district: District, t: float) -> None:
        """It is cut."""
        district.cut(self.where, t)

    def finish(self, district: District, t: float) -> None:
        """It is spliced."""
        district.splice(self.where, t)

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """Of a fibre the light tells, and the boot time afterwards. A 4G link has no lights at either end,
        and a copper line's lower box without power looks just like a cut.
        """
        link = link_of(inventory, self.where)
        if link.kind.value in ("fiber", "leased"):
            return ()
        return (f"device:{link.end_devices[1]}", *_mute(inventory, self.targets(inventory)))


class CarrierOutage(Fault):
    """All lines of one carrier fail at once."""

    kind = "carrier_outage"
    subject = "link"
    shows = LineCut.shows
    weight = Weight.HARD
    hours = (0.7, 3.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """One line of each carrier stands for them all."""
        return list({link.carrier: link.id for link in inventory.links if link.carrier}.values())

    def lines(self, inventory: Inventory) -> tuple[str, ...]:
        """All lines of the carrier."""
        carrier = link_of(inventory, self.where).carrier
        return tuple(link.id for link in inventory.links if link.carrier == carrier)

    def targets(self, inventory: Inventory) -> tuple[str, ...]:
        """All that is behind any of them."""
        found = (behind(inventory, link_of(inventory, line)) for line in self.lines(inventory))
        return tuple(target for targets in found for target in targets)

    def begin(self, district: District, t: float) -> None:
        """They fail within some seconds."""
        for line in self.lines(district.inventory):
            district.later(t + self._after(line), partial(district.cut, line))

    def finish(self, district: District, t: float) -> None:
        """They come back."""
        for line in self.lines(district.inventory):
            district.later(t + self.chance.uniform(0.0, 60.0), partial(district.splice, line))

    def truths(self, district: District) -> tuple[Truth, ...]:
        """One for each line, as one event: whoever tells all in one incident is right, too."""
        inventory = district.inventory
        lines = self.lines(inventory)
        causes = tuple(f"link:{line}" for line in lines)
        doors = tuple(
            f"device:{link_of(inventory, line).end_devices[1]}"
            for line in lines
            if link_of(inventory, line).kind.value == "cellular"
        )
        whole = self.truth(district)
        return tuple(
            replace(
                whole,
                onset=self.onset + self._after(line),
                cause=f"link:{line}",
                also=(*(cause for cause in causes if cause != f"link:{line}"), *doors),
                targets=behind(inventory, link_of(inventory, line)),
                group=f"{self.kind}@{self.onset:.0f}",
            )
            for line in lines
        )

    def _after(self, line: str) -> float:
        """How many seconds after the first a line fails."""
        return random.Random(f"{self.onset}/{line}").uniform(0.0, 20.0)


class PowerCut(Fault):
    """The mains of a commune fail for longer than its battery lasts."""

    kind = "power_cut"
    subject = "site"
    shows = (*ANSWERS, "power_on_battery", "power_input_volts", "battery_charge_ratio",
             "battery_runtime_seconds", "battery_voltage_volts", "agent_info", "interface_up",
             "optical_receive_power_dbm", "power_output_load_ratio", "device_uptime_seconds")  # fmt: skip
    weight = Weight.HARD
    hours = (1.5, 4.5)
    times = 2

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The communes."""
        return offices(inventory)

    def targets(self, inventory: Inventory) -> tuple[str, ...]:
        """All that stands there."""
        return stands_at(inventory, self.where)

    def begin(self, district: District, t: float) -> None:
        """The battery takes over, and is empty some time later."""
        district.lose_mains(self.where, t)

    def finish(self, district: District, t: float) -> None:
        """The mains are back."""
        district.restore_mains(self.where, t)

    def truths(self, district: District) -> tuple[Truth, ...]:
        """Named by the UPS at once, so it need not go dark first; the UPS is asked every 5 minutes."""
        return (replace(self.truth(district), down=False),)


class ShortPowerCut(PowerCut):
    """The mains fail for some minutes: the battery carries it."""

    kind = "mains_lost"
    hours = (0.2, 0.4)
    times = 1


class PortFlaps(Fault):
    """A port goes up and down every few minutes, and all behind it with it."""

    kind = "port_flapping"
    subject = "link"
    shows = (*ANSWERS, "interface_up", "interface_last_change_seconds", "agent_info")
    weight = Weight.HARD
    hours = (1.0, 4.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Lines inside the communes."""
        return [
            id_ for id_ in links(inventory, "lan") if id_.endswith(("-floor", "-room-line", "-lan"))
        ]

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """The box behind it may be what comes and goes."""
        lower = link_of(inventory, self.where).end_devices[1]
        return (f"device:{lower}", *_mute(inventory, self.targets(inventory)))

    def begin(self, district: District, t: float) -> None:
        """It blinks until it is mended."""
        self._blink(district, t)

    def finish(self, district: District, t: float) -> None:
        """The plug sits tight again."""
        district.lines[self.where].blinking = False

    def truths(self, district: District) -> tuple[Truth, ...]:
        """A short break may fall between two looks."""
        return (replace(self.truth(district), down=False),)

    def _blink(self, district: District, t: float) -> None:
        line = district.lines[self.where]
        if t >= self.end:
            line.blinking = False
            return
        line.blinking = not line.blinking
        line.upper.changed_at = line.lower.changed_at = t
        stays = self.chance.uniform(20, 150) if line.blinking else self.chance.uniform(60, 300)
        district.later(t + stays, lambda now: self._blink(district, now))


class RebootLoop(Fault):
    """A box starts anew again and again."""

    kind = "reboot_loop"
    shows = (*ANSWERS, "device_uptime_seconds", "interface_up", "agent_info")
    weight = Weight.HARD
    hours = (2.0, 6.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Routers, switches and ONUs of the communes."""
        return DeviceHangs.places(inventory)

    def targets(self, inventory: Inventory) -> tuple[str, ...]:
        """It and what is behind it."""
        return (self.where, *inventory.topology.descendants(self.where))

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """While it starts its line is dark."""
        return (*_above(inventory, self.where), *_mute(inventory, self.targets(inventory)))

    def begin(self, district: District, t: float) -> None:
        """It begins."""
        self._again(district, t)

    def finish(self, district: District, t: float) -> None:
        """A new power supply: it stays up."""

    def truths(self, district: District) -> tuple[Truth, ...]:
        """A single restart may fall between two looks."""
        return (replace(self.truth(district), down=False),)

    def _again(self, district: District, t: float) -> None:
        if t >= self.end:
            return
        district.reboot(self.where, t, self.chance.uniform(40, 110))
        district.later(t + self.chance.uniform(480, 1500), lambda now: self._again(district, now))


OUTAGES: tuple[type[Fault], ...] = (
    DeviceHangs,
    DeviceDies,
    LineCut,
    CarrierOutage,
    PowerCut,
    ShortPowerCut,
    PortFlaps,
    RebootLoop,
)
