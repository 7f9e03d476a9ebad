"""Everything the judging engine remembers, in one value that goes into a snapshot as it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from collector.incidents import IncidentBook
from collector.silences import Silence
from collector.state import AgentState, TargetState
from telemetry.errors import SnapshotError

FORMAT = 4
"""Rises whenever an older snapshot would be read wrongly; the engine then learns from the journal anew."""


@dataclass(slots=True)
class Knowledge:
    """format: of the snapshot, for whoever reads it. now: newest time in the journal; begun: the first
    event time seen; listening_since: since when the collector has been up without a break;
    agent_states: what agents say about themselves; waiting: targets that wait for word of their
    parents; summary: incidents to be told of in one message once the backlog has arrived, and when;
    twins_due: when twins are compared next; inquiries: incidents that are over and may still be
    understood better, until when.
    """

    format: int = FORMAT
    now: float = 0.0
    seq: int = 0
    begun: float = 0.0
    listening_since: float = 0.0
    targets: dict[str, TargetState] = field(default_factory=dict)
    agents: dict[str, AgentState] = field(default_factory=dict)
    agent_states: dict[str, TargetState] = field(default_factory=dict)
    book: IncidentBook = field(default_factory=IncidentBook)
    waiting: dict[str, bool] = field(default_factory=dict)
    summary: dict[str, bool] = field(default_factory=dict)
    summary_due: float = 0.0
    summary_latest: float = 0.0
    silences: dict[str, Silence] = field(default_factory=dict)
    inquiries: dict[str, float] = field(default_factory=dict)
    twins_due: float = 0.0

    @property
    def catching_up(self) -> bool:
        """Whether any agent is delivering a backlog."""
        return any(agent.lagging for agent in self.agents.values())


_SNAPSHOT: TypeAdapter[Knowledge] = TypeAdapter(Knowledge)


def dump_knowledge(knowledge: Knowledge) -> bytes:
    """The snapshot's bytes; the same knowledge gives the same bytes."""
    return _SNAPSHOT.dump_json(knowledge)


def load_knowledge(snapshot: bytes) -> Knowledge:
    """The knowledge of a snapshot. Raises SnapshotError or pydantic.ValidationError when it is of another
    version.
    """
    if not snapshot.startswith(b'{"format":%d,' % FORMAT):
        raise SnapshotError(f"the snapshot is not of format {FORMAT}")
    return _SNAPSHOT.validate_json(snapshot)
