"""The objects of a simulated device: encoded values in order, some computed when asked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping

from simulator.snmp.ber import Oid

Cell = bytes | Callable[[float], bytes]
"""An encoded value, or a function of the time (seconds since 1970) that gives one."""


class Tree:
    """Objects in lexicographic order. A later layer replaces or adds to an earlier one."""

    def __init__(self, *layers: Mapping[Oid, Cell]) -> None:
        self._cells: dict[Oid, Cell] = {}
        for layer in layers:
            self._cells.update(layer)
        self._order: list[Oid] = sorted(self._cells)

    def __len__(self) -> int:
        return len(self._order)

    def oids(self) -> tuple[Oid, ...]:
        """All objects in order."""
        return tuple(self._order)

    def get(self, oid: Oid, now: float) -> bytes | None:
        """The encoded value of one object, None when there is none."""
        cell = self._cells.get(oid)
        return cell(now) if callable(cell) else cell

    def after(self, oid: Oid) -> Oid | None:
        """The first object after `oid`, whether that exists or not; None at the end."""
        place = bisect_right(self._order, oid)
        return self._order[place] if place < len(self._order) else None

    def has_object(self, oid: Oid) -> bool:
        """Whether some instance of the same object (all arcs but the last) exists."""
        following = self.after(oid[:-1])
        return following is not None and following[: len(oid) - 1] == oid[:-1]
