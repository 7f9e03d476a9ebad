"""The way of a packet from one box to another: open or not, how long, how lossy."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from inventory.topology import Topology
from simulator.scenarios.box import Box
from simulator.scenarios.line import Line


class Passage(NamedTuple):
    """What a way does to packets now. Seconds there and back; loss: share of the packets."""

    delay: float
    jitter: float
    loss: float


class Way:
    """The lines and boxes between two devices; `end` is the far one."""

    __slots__ = ("_between", "_lines", "end")

    def __init__(self, lines: list[Line], between: list[Box], end: Box) -> None:
        self._lines = tuple(lines)
        self._between = tuple(between)
        self.end = end

    @property
    def open(self) -> bool:
        """Whether packets get there and back."""
        return (
            self.end.up
            and all(box.up for box in self._between)
            and all(line.joined for line in self._lines)
        )

    def passage(self, t: float) -> Passage | None:
        """How packets fare at `t`; None when none gets through."""
        if not self.open:
            return None
        end = self.end
        delay, jitter, kept = end.reply_seconds, 0.1 * end.reply_seconds, 1.0 - end.loss
        for line in self._lines:
            queue = line.queue(t)
            delay += line.delay + line.extra_delay + queue
            jitter += 0.03 * line.delay + 0.35 * queue + line.swing
            kept *= 1.0 - line.lost(t)
        return Passage(delay, jitter, 1.0 - kept)


def way_between(
    topology: Topology, lines: Mapping[str, Line], boxes: Mapping[str, Box], start: str, end: str
) -> Way:
    """The way through the tree of parents from one device to another."""
    up, down = (start, *topology.ancestors(start)), (end, *topology.ancestors(end))
    meet = next(device for device in up if device in down)
    legs = [*up[: up.index(meet)], meet, *reversed(down[: down.index(meet)])]
    found = []
    for one, other in pairwise(legs):
        link = topology.link_between(one, other)
        if link is not None:
            found.append(lines[link.id])
    return Way(found, [boxes[id_] for id_ in legs[1:-1]], boxes[end])
