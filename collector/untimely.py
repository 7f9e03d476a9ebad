"""A push of which nothing could be taken, because its times cannot be true: its sender's clock is wrong.

The samples stay out of the journal, and are counted. That they came, and with which time, goes into it:
otherwise an agent whose clock was lost with the power looks like one that is silent.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from collector.admission import Admitted, AgentMemory, Refusal
from collector.journal import Draft, EntryKind
from telemetry.sample import Batch

NOTED_EVERY_MS = 10_000
"""An agent pushes every few seconds; one note in so long is enough for a sign of life."""

_OUT_OF_TIME = frozenset({Refusal.FUTURE, Refusal.TOO_OLD})


@dataclass(frozen=True, slots=True)
class Untimely:
    """The payload of a CLOCK entry. site: where its sender sits; newest: seconds since 1970, by the
    sender's clock.
    """

    site: str
    newest: float

    def payload(self) -> bytes:
        """The bytes that go into the journal."""
        return json.dumps(asdict(self)).encode()


def read_untimely(payload: bytes) -> Untimely:
    """What `Untimely.payload` has written."""
    return Untimely(**json.loads(payload))


def note_of(memory: AgentMemory, received: Batch, admitted: Admitted, now_ms: int) -> list[Draft]:
    """The note about a push at `now_ms`, if it is one and none was made a moment ago. A single sample
    that is out of time among others says nothing about the clock.
    """
    if admitted.batch.points or not admitted.refused.keys() <= _OUT_OF_TIME or not admitted.refused:
        return []
    if 0 <= now_ms - memory.clock_noted_ms < NOTED_EVERY_MS:
        return []
    memory.clock_noted_ms = now_ms
    newest = max(max(points.timestamps_ms) for points in received.points)
    payload = Untimely(memory.enrolled.sites[0], newest / 1000.0).payload()
    return [Draft(EntryKind.CLOCK, now_ms, memory.enrolled.agent, payload)]
