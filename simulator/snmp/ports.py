"""Interfaces of a simulated device: living rows of IF-MIB (RFC 2863), EtherLike-MIB (RFC 3635)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from simulator.snmp import ber
from simulator.snmp.ber import Oid
from simulator.snmp.life import Counter
from simulator.snmp.tree import Cell

IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
DOT3_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 10, 7, 2, 1)

ETHERNET, LOOPBACK, GPON, CELLULAR = 6, 24, 250, 243
"""ifType values (IANAifType-MIB)."""

_MEAN_PACKET = 640  # bytes, of office traffic


@dataclass(frozen=True, slots=True)
class PortPlan:
    """What an interface is: its place in the tables, its name and speed (bits a second)."""

    index: int
    name: str
    speed: int
    kind: int = ETHERNET
    alias: str = ""
    up: bool = True


class Port:
    """One interface. `rate` is its mean traffic in bytes a second, each way about half.

    start: where its octet counters begin; zero after a restart of the device.
    """

    def __init__(self, plan: PortPlan, owner: str, boot: float, now: float, start: float) -> None:
        chance = Random(f"{owner}/{plan.index}")
        self.plan = plan
        self.up = plan.up
        self.mac = bytes((0x02, *chance.randbytes(5)))
        self._boot = boot
        self._changed = boot
        self._rates = tuple(plan.speed / 8 * chance.uniform(0.002, 0.05) for _ in range(2))
        self.octets = tuple(
            Counter(start, rate * self.up, now, sway=0.6, phase=chance.uniform(0, 6))
            for rate in self._rates
        )
        self.errors = Counter(0, 0.0, now)

    def set_up(self, up: bool, now: float) -> None:
        """The link comes up or goes down; without a link nothing is carried."""
        if up == self.up:
            return
        self.up, self._changed = up, now
        for counter, rate in zip(self.octets, self._rates, strict=True):
            counter.set_rate(rate * up, now)

    def cells(self) -> dict[Oid, Cell]:
        """All rows of this interface."""
        index = self.plan.index
        tables = (
            (IF_ENTRY, self._interface()),
            (IFX_ENTRY, self._extension()),
            (DOT3_ENTRY, self._ethernet() if self.plan.kind == ETHERNET else {}),
        )
        return {
            (*entry, column, index): cell
            for entry, columns in tables
            for column, cell in columns.items()
        }

    def _interface(self) -> Mapping[int, Cell]:
        incoming, outgoing = self.octets
        zero = ber.encode_integer(0, ber.COUNTER32)
        return {
            1: ber.encode_integer(self.plan.index),
            2: ber.encode_text(self.plan.name),
            3: ber.encode_integer(self.plan.kind),
            4: ber.encode_integer(1500),
            5: ber.encode_integer(min(self.plan.speed, 0xFFFFFFFF), ber.GAUGE32),
            6: ber.encode_text(self.mac),
            7: ber.encode_integer(1),
            8: lambda now: ber.encode_integer(1 if self.up else 2),
            9: lambda now: ber.encode_integer(
                int((self._changed - self._boot) * 100), ber.TIMETICKS
            ),
            10: _counted(incoming),
            11: _counted(incoming, _MEAN_PACKET),
            13: zero,
            14: _counted(self.errors),
            16: _counted(outgoing),
            17: _counted(outgoing, _MEAN_PACKET),
            19: zero,
            20: zero,
        }

    def _extension(self) -> Mapping[int, Cell]:
        incoming, outgoing = self.octets
        return {
            1: ber.encode_text(self.plan.name),
            6: _counted(incoming, tag=ber.COUNTER64),
            7: _counted(incoming, _MEAN_PACKET, tag=ber.COUNTER64),
            10: _counted(outgoing, tag=ber.COUNTER64),
            11: _counted(outgoing, _MEAN_PACKET, tag=ber.COUNTER64),
            15: ber.encode_integer(self.plan.speed // 1_000_000, ber.GAUGE32),
            17: ber.encode_integer(1),
            18: ber.encode_text(self.plan.alias),
        }

    def _ethernet(self) -> Mapping[int, Cell]:
        return {
            1: ber.encode_integer(self.plan.index),
            3: _counted(self.errors),
            19: ber.encode_integer(3),
        }


def _counted(
    counter: Counter, divisor: int = 1, tag: int = ber.COUNTER32
) -> Callable[[float], bytes]:
    return lambda now: ber.encode_integer(counter.read(now) // divisor, tag)
