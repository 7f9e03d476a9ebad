"""What comes and goes on the way to a target, and takes it along each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.history import HOUR
from collector.incidents import IncidentBook
from collector.state import GONE, TargetState
from inventory.link import Link
from inventory.topology import Topology
from telemetry.catalogue import INTERFACE_LAST_CHANGE, INTERFACE_UP

BLINK_SECONDS = 600.0
"""What is gone for longer than this has not blinked with something above it."""

LATELY_SECONDS = 1800.0
"""What has come and gone within this time may go again at any moment."""

TIMES_WANTED = 2


def restarts_often(target: TargetState, at: float) -> bool:
    """Whether it has started anew several times within the hour."""
    return any(one.since(at - HOUR) >= TIMES_WANTED for one in target.restarts())


class Restless:
    """Looks for what comes and goes. Reads the state, changes nothing.

    Each device is looked at in a moment of its own. Where something above it blinks, it may be missed
    twice, and what is above it be found well in between: that clears nobody.
    """

    def __init__(
        self, topology: Topology, targets: Mapping[str, TargetState], book: IncidentBook
    ) -> None:
        self._topology = topology
        self._targets = targets
        self._book = book

    def own_line(self, target: str) -> str:
        """`link:` and the id of the only line to the target, when its port goes up and down; or empty."""
        _, link = next(self._way_up(target), ("", None))
        return f"link:{link.id}" if link is not None and self._flaps(link) else ""

    def above(self, target: str, since: float, at: float) -> str:
        """The cause of what comes and goes above a target that is gone since `since`, nearest first;
        empty when nothing does, when there is another way, or when it is gone for too long.
        """
        if at - since >= BLINK_SECONDS:
            return ""
        for parent, _ in self._way_up(target):
            cause = self._of_blinking(parent, at) or self._of_flapping(parent, at)
            if cause:
                return cause
        return ""

    def _way_up(self, target: str) -> Iterator[tuple[str, Link | None]]:
        """Each device above the target with the line that leads down from it, while there is but one
        way.
        """
        name = target
        while len(parents := self._topology.parents(name)) == 1:
            yield parents[0], self._topology.link_between(parents[0], name)
            name = parents[0]

    def _of_blinking(self, device: str, at: float) -> str:
        """What the outages of a device are laid to that was gone, or has started anew, several times
        lately; or empty.
        """
        state = self._targets.get(device)
        if state is None:
            return ""
        gone = [w for w, how in state.account.changes if how in GONE and at - w <= LATELY_SECONDS]
        if len(gone) < TIMES_WANTED and not restarts_often(state, at):
            return ""
        told = self._book.lately(("reachability", f"device:{device}", ""), at)
        if told is None or not told.is_open:
            told = self._book.open_for(f"device:{device}")
        return told.cause if told is not None else ""

    def _of_flapping(self, device: str, at: float) -> str:
        """The line to a device whose port goes up and down and has done so lately; or empty."""
        _, link = next(self._way_up(device), ("", None))
        if link is None or not self._flaps(link):
            return ""
        ends = zip(link.end_devices, link.end_ports, strict=True)
        seen = (self._changed(*end) for end in ends)
        return f"link:{link.id}" if at - max(seen) <= LATELY_SECONDS else ""

    def _changed(self, device: str, port: str) -> float:
        """When the port was seen to go up or down last, 0 when never."""
        state = self._targets.get(device)
        seen = [
            score.at
            for metric in (INTERFACE_UP.name, INTERFACE_LAST_CHANGE.name)
            if state is not None and (fact := state.newest(metric, port)) is not None
            for score in (fact.flaps, fact.blinks)
            if score is not None
        ]
        return max(seen, default=0.0)

    def _flaps(self, link: Link) -> bool:
        incident = self._book.open_for(f"link:{link.id}")
        told = incident.findings if incident is not None else ()
        return any(finding.rule == "flapping" for finding in told)
