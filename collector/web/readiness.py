"""Whether each video-conference room can join a meeting now: the room and everything it hangs on.

go: all of the chain works; at_risk: something on the way works badly or is not measured; no_go: the
room or everything before it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from collector.state import HealthState
from collector.view import View
from collector.web.overview import Target, rooms_of, target_of

GO, AT_RISK, NO_GO = "go", "at_risk", "no_go"
READY_VALUE = {GO: 1.0, AT_RISK: 0.5, NO_GO: 0.0}

_GONE = (HealthState.DOWN, HealthState.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class RoomReadiness:
    """A room's verdict and the links of its chain that are not well, nearest first."""

    room: Target
    verdict: str
    trouble: tuple[Target, ...]


def readiness_of(view: View) -> list[RoomReadiness]:
    """The verdict for every room, in the order of the inventory."""
    return [_judge(view, room) for room in rooms_of(view)]


def _judge(view: View, room: Target) -> RoomReadiness:
    ids = (room.id, *view.inventory.topology.ancestors(room.id))
    chain = [target for id_ in ids if (target := target_of(view, id_))]
    trouble = tuple(target for target in chain if target.state is not HealthState.UP)
    if room.state in _GONE:
        return RoomReadiness(room, NO_GO, trouble)
    return RoomReadiness(room, AT_RISK if trouble else GO, trouble)
