"""From an inventory to boxes, ports and lines with the character of their class."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from inventory.device import Device
from inventory.inventory import Inventory
from inventory.link import Link
from simulator.scenarios.box import Box, Modem, Room
from simulator.scenarios.chance import Wander, stream
from simulator.scenarios.layout import CENTRE
from simulator.scenarios.line import GIGABIT, Line, Optics, Port
from simulator.scenarios.power import Power
from simulator.scenarios.rhythm import DAY, HOUR
from simulator.scenarios.seeds import START


@dataclass(frozen=True, slots=True)
class Character:
    """What a class of device is like. cpu, memory, offset: from, to; answer: seconds for one SNMP request;
    reply: seconds for an echo; fans, supplies, sensors: their names.
    """

    cpu: tuple[float, float]
    memory: tuple[float, float]
    offset: tuple[float, float]
    answer: float
    reply: float
    sensors: tuple[str, ...] = ("chassis",)
    fans: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()
    cores: int = 1
    disk: bool = False


_NO_SENSOR: tuple[str, ...] = ()
CHARACTERS: Mapping[str, Character] = {
    "lan_switch": Character((0.08, 0.3), (0.35, 0.6), (8, 14), 0.012, 0.0008),
    "firewall": Character((0.2, 0.45), (0.45, 0.65), (12, 17), 0.006, 0.0003,
                          ("board",), ("fan1", "fan2"), ("psu1", "psu2")),
    "fiber_olt": Character((0.15, 0.35), (0.4, 0.6), (13, 18), 0.02, 0.0006,
                           ("board",), ("tray",), ("psu1", "psu2")),
    "fiber_onu": Character((0.1, 0.3), (0.5, 0.7), (12, 17), 0.03, 0.0009, ("soc",)),
    "router": Character((0.1, 0.4), (0.35, 0.65), (9, 15), 0.008, 0.0004, ("board",)),
    "lte_cpe": Character((0.15, 0.4), (0.5, 0.7), (12, 17), 0.03, 0.001, ("modem",)),
    "cell_station": Character((0.2, 0.4), (0.4, 0.6), (10, 15), 0.02, 0.0006,
                              ("cabinet",), ("fan1",)),
    "power_system": Character((0.05, 0.1), (0.3, 0.4), (6, 10), 0.04, 0.002,
                              ("cabinet",), ("fan1",)),
    "ups": Character((0.05, 0.1), (0.3, 0.4), (4, 7), 0.05, 0.002, _NO_SENSOR),
    "vc_endpoint": Character((0.15, 0.3), (0.4, 0.55), (9, 14), 0.03, 0.0005, _NO_SENSOR),
    "server": Character((0.12, 0.45), (0.4, 0.7), (10, 16), 0.006, 0.0002,
                        ("cpu",), ("fan1", "fan2"), ("psu1",), 4, True),
    "workstation": Character((0.1, 0.4), (0.4, 0.7), (8, 13), 0.02, 0.0004, _NO_SENSOR,
                             cores=4, disk=True),
    "printer": Character((0.05, 0.1), (0.3, 0.5), (4, 8), 0.06, 0.003, _NO_SENSOR),
}  # fmt: skip

_LINE_DELAY = {
    "lan": 0.00025,
    "fiber": 0.0022,
    "cellular": 0.034,
    "leased": 0.005,
    "broadband": 0.008,
}
_LINE_PEAK = {"fiber": (55e6, 12e6), "cellular": (5e6, 1.5e6), "leased": (70e6, 20e6)}
_LINE_LOSS = {"fiber": 0.00002, "cellular": 0.0012, "leased": 0.00005, "broadband": 0.0001}
_LINE_CROWDING = {"fiber": 0.005, "cellular": 0.022, "leased": 0.003, "broadband": 0.008}
_LINE_SPEED = {"cellular": 20e6, "leased": 200e6, "broadband": 100e6}


class Builder:
    """Makes the parts of one district; the same seed makes the same parts."""

    def __init__(self, inventory: Inventory, seed: int) -> None:
        self._inventory = inventory
        self._seed = seed
        self.power = {site.id: self._power(site.id) for site in inventory.sites}
        self.boxes = {device.id: self._box(device) for device in inventory.devices}
        self.ports: dict[str, dict[str, Port]] = {device.id: {} for device in inventory.devices}
        self.lines = {link.id: self._line(link) for link in inventory.links}

    def _power(self, site: str) -> Power:
        chance = stream(self._seed, "power", site)
        long = site.startswith("station") or site == CENTRE
        return Power(
            chance=chance,
            runtime=chance.uniform(3.0, 5.0) * HOUR if long else chance.uniform(35, 65) * 60.0,
            load=chance.uniform(0.25, 0.5),
            noise=Wander(chance, 0.03, 1800.0),
            volts=Wander(chance, 4.0, 7200.0),
            changed_at=START,
        )

    def _box(self, device: Device) -> Box:
        chance = stream(self._seed, "box", device.id)
        own = CHARACTERS[device.class_.value]
        cooled = device.site == CENTRE
        box = Box(
            id=device.id,
            site=device.site,
            class_=device.class_.value,
            chance=chance,
            power=self.power[device.site],
            cpu=chance.uniform(*own.cpu),
            memory=chance.uniform(*own.memory),
            indoors=0.15 if cooled else chance.uniform(0.65, 0.95),
            offset=chance.uniform(*own.offset),
            cpu_noise=Wander(chance, 0.22, 900.0),
            memory_noise=Wander(chance, 0.008, 6 * HOUR),
            heat_noise=Wander(chance, 0.5, 2 * HOUR),
            answer_seconds=own.answer * chance.uniform(0.7, 1.6),
            reply_seconds=own.reply * chance.uniform(0.7, 1.5),
            booted_at=START - chance.uniform(3, 300) * DAY,
            fans=dict.fromkeys(own.fans, True),
            supplies=dict.fromkeys(own.supplies, True),
            sensors=own.sensors,
            cores=own.cores,
            disk_used=chance.uniform(0.3, 0.68) if own.disk else 0.0,
        )
        box.heat.at = START
        if box.class_ == "lte_cpe":
            box.modem = _modem(chance)
        if box.class_ == "vc_endpoint":
            box.room = Room()
        return box

    def _line(self, link: Link) -> Line:
        chance = stream(self._seed, "line", link.id)
        kind = link.kind.value
        upper, lower = (
            self._port(device, name, kind)
            for device, name in zip(link.end_devices, link.end_ports, strict=True)
        )
        down, up = _LINE_PEAK.get(kind, (30e6, 8e6))
        line = Line(
            id=link.id,
            kind=kind,
            carrier=link.carrier or "",
            upper=upper,
            lower=lower,
            delay=_LINE_DELAY[kind] * chance.uniform(0.8, 1.5),
            down_peak=down * chance.uniform(0.4, 1.4),
            up_peak=up * chance.uniform(0.4, 1.4),
            villages=0.0 if kind == "lan" else chance.uniform(0.3, 0.7),
            noise=Wander(chance, 0.28, 700.0),
            crowding=_LINE_CROWDING.get(kind, 0.0) * chance.uniform(0.3, 1.0),
            base_loss=_LINE_LOSS.get(kind, 0.000005) * chance.uniform(0.5, 2.0),
        )
        upper.line = lower.line = line
        if kind == "fiber":
            _light(chance, upper, lower)
        return line

    def _port(self, device_id: str, name: str, kind: str) -> Port:
        box = self.boxes[device_id]
        chance = stream(self._seed, "port", device_id, name)
        slow = kind == "lan" and box.class_ in ("ups", "printer")
        speed = 100e6 if slow else _LINE_SPEED.get(kind, GIGABIT)
        port = Port(box, name, chance, speed=speed, changed_at=box.booted_at, counted_at=START)
        # Every third commune's switch is so old that its counters have 32 bits.
        old = stream(self._seed, "old", device_id).random() < 0.35
        port.narrow = old and box.class_ == "lan_switch" and box.site != CENTRE
        for counter in ("rx_bytes", "tx_bytes"):
            setattr(port.counters, counter, chance.uniform(1e9, 4e12))
        port.counters.rx_packets = port.counters.rx_bytes / 700
        port.counters.tx_packets = port.counters.tx_bytes / 500
        port.counters.rx_errors = port.counters.fcs = float(chance.randrange(0, 900))
        self.ports[device_id][name] = port
        return port


def _modem(chance: random.Random) -> Modem:
    return Modem(
        rsrp=chance.uniform(-96, -86),
        sinr=chance.uniform(9, 16),
        fading=Wander(chance, 2.2, 5400.0),
        noise=Wander(chance, 1.2, 400.0),
    )


def _light(chance: random.Random, upper: Port, lower: Port) -> None:
    """A passive fibre with splitter: 20 to 24 dB from the OLT to the ONU and back."""
    budget = chance.uniform(20.5, 24.5)
    down, up = chance.uniform(3.2, 4.6), chance.uniform(1.8, 2.8)
    upper.optics = Optics(down, up - budget - 0.6, Wander(chance, 0.12, DAY), 0.028)
    lower.optics = Optics(up, down - budget, Wander(chance, 0.12, DAY), 0.012)
