"""What a monitor has told about the generated weeks, ours or a peer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mention:
    """Something an incident says: at that moment, of that target, by a rule that looks at those metrics.

    metrics: None when it is not known which the rule looks at; then it may speak of anything.
    foresees: it tells of what wears and will fail.
    """

    at: float
    rule: str
    target: str
    metrics: frozenset[str] | None
    reason: str
    foresees: bool = False


@dataclass(slots=True)
class Told:
    """One incident as it ended up. cause: `kind:ID`; affected: ids of those who suffer with it."""

    id: str
    opened_at: float
    cause: str
    affected: tuple[str, ...] = ()
    mentions: list[Mention] = field(default_factory=list)
    resolved_at: float | None = None
