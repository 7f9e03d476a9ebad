"""A device as its maker built it: processor, memory, heat, fans; and what has become of it.

Its ports know it (`line.py`), not the other way round.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from simulator.scenarios.chance import Drift, Wander
from simulator.scenarios.power import Power
from simulator.scenarios.rhythm import office


@dataclass(slots=True)
class Heat:
    """How much hotter than usual: follows what it is driven to, with the patience of metal."""

    driven_to: float = 0.0
    now: float = 0.0
    at: float = 0.0
    patience: float = 2400.0

    def look(self, t: float) -> float:
        """Degrees above the usual at `t`."""
        gap, self.at = max(0.0, t - self.at), t
        step = gap / (gap + self.patience)
        self.now += (self.driven_to - self.now) * step
        return self.now


@dataclass(slots=True)
class Modem:
    """A cellular modem: where it stands, and how much worse it hears than on the day it was put up."""

    rsrp: float
    sinr: float
    fading: Wander
    noise: Wander
    worse: float = 0.0
    registered: bool = True
    generation: int = 4


@dataclass(slots=True)
class Room:
    """The endpoint of a video-conference room. call_loss: share of packets lost in calls on top."""

    registered: bool = True
    call_loss: float = 0.0
    call_swing: float = 0.0
    peripherals: dict[str, bool] = field(
        default_factory=lambda: {"camera": True, "microphone": True, "display": True}
    )


@dataclass(slots=True)
class Box:
    """A device. up: it answers and passes packets on; lit: its ports have power.

    cpu: usual share in the busiest hour; memory: usual share. cpu_floor: a process that has run wild
    keeps it at least there; cpu_work: the same for honest work. slow: how many times as long
    it takes to answer SNMP as it should. shut_down: whether it went off in order the last time.
    """

    id: str
    site: str
    class_: str
    chance: random.Random
    power: Power
    cpu: float
    memory: float
    indoors: float
    offset: float
    cpu_noise: Wander
    memory_noise: Wander
    heat_noise: Wander
    answer_seconds: float
    reply_seconds: float
    booted_at: float
    up: bool = True
    lit: bool = True
    broken: bool = False
    shut_down: bool = False
    cpu_floor: float = 0.0
    cpu_work: float = 0.0
    leak: Drift = field(default_factory=Drift)
    disk: Drift = field(default_factory=Drift)
    disk_used: float = 0.0
    slow: float = 1.0
    slowing: Drift = field(default_factory=Drift)
    snmp_loss: float = 0.0005
    loss: float = 0.0
    heat: Heat = field(default_factory=Heat)
    fans: dict[str, bool] = field(default_factory=dict)
    supplies: dict[str, bool] = field(default_factory=dict)
    sensors: tuple[str, ...] = ()
    cores: int = 1
    modem: Modem | None = None
    room: Room | None = None
    clock: Drift = field(default_factory=Drift)

    def busy(self, t: float) -> float:
        """Share of the processor in use."""
        usual = self.cpu * (0.25 + 0.75 * office(t)) * (1.0 + self.cpu_noise.at(t))
        forced = max(self.cpu_floor, self.cpu_work)
        return min(1.0, max(0.01, usual, forced * (0.985 + 0.01 * self.chance.random())))

    def memory_used(self, t: float) -> float:
        """Share of the memory in use."""
        wave = 0.02 * office(t) + self.memory_noise.at(t)
        return min(0.995, max(0.05, self.memory + wave + self.leak.at(t)))

    def disk_share(self, t: float) -> float:
        """Share of the disk in use."""
        return min(1.0, self.disk_used + self.disk.at(t))

    def degrees(self, outside: float, t: float, cpu: float) -> float:
        """Degrees Celsius inside the case; `outside` in the shade, the room follows it partly."""
        room = 25.0 + self.indoors * (outside - 25.0)
        return room + self.offset + 5.0 * cpu + self.heat_noise.at(t) + self.heat.look(t)
