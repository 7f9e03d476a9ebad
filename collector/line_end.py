"""What the port at the upper end of a line tells: is the line cut, or what hangs on it dead?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from collector import reachability
from collector.fact import Fact
from collector.state import TargetState
from inventory.link import LinkKind
from inventory.topology import Topology
from telemetry.catalogue import INTERFACE_ADMIN_UP, INTERFACE_UP


class _End(NamedTuple):
    """The port of `parent` at which a line ends that leads to a target."""

    parent: TargetState
    link: str
    port: Fact

    @property
    def switched_off(self) -> bool:
        """Whether somebody switched the port off on purpose."""
        admin = self.parent.newest(INTERFACE_ADMIN_UP.name, self.port.instance)
        return admin is not None and admin.value == 0.0


class LineEnds:
    """Reads the state of the ports that lead to a target, as far as it was ever told."""

    def __init__(self, topology: Topology, targets: Mapping[str, TargetState]) -> None:
        self._topology = topology
        self._targets = targets

    def cut_line(self, target: TargetState, since: float) -> str:
        """The link whose port towards the target was seen to go down about `since`; empty for none."""
        earliest = since - 2.0 * reachability.period(target)
        for end in self._towards(target.id):
            down = end.port.value == 0.0 and end.port.at >= earliest
            if down and not end.switched_off:
                return end.link
        return ""

    def still_unread(self, target: TargetState, since: float, at: float) -> bool:
        """Whether the port towards the target is about to be read again and could still tell link from
        device. Waits no longer than one look at the target: it is to be told within two.
        """
        ends = self._towards(target.id)
        unread = ends and all(end.port.at < since for end in ends)
        return bool(unread) and at < since + reachability.period(target) + 10.0

    def _towards(self, target: str) -> list[_End]:
        found = []
        for parent in self._topology.parents(target):
            link = self._topology.link_between(parent, target)
            state = self._targets.get(parent)
            if link is None or link.kind is LinkKind.LAN or state is None:
                continue  # a patch cable seldom dies; a dead box takes its neighbour's port down too
            name = link.end_ports[link.end_devices.index(parent)]
            port = state.newest(INTERFACE_UP.name, name)
            if port is not None:
                found.append(_End(state, link.id, port))
        return found
