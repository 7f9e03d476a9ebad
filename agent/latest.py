"""The newest result of every check, for the agent's own page and its `/metrics`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.probe import Result
from agent.resolve import Assignment
from telemetry.sample import Sample, Series


@dataclass(frozen=True, slots=True)
class Found:
    """What one check found last."""

    assignment: Assignment
    result: Result
    samples: tuple[Sample, ...]

    def fresh(self, now: float) -> bool:
        """Whether it still tells of the present: the check ran within three intervals and a minute."""
        return now - self.result.started_at < 3 * self.assignment.options.interval + 60


@dataclass(slots=True)
class Latest:
    """Remembers one result per target and check. Time is seconds since 1970."""

    _results: dict[tuple[str, str], Found] = field(default_factory=dict)
    _own: tuple[Sample, ...] = ()

    def note(self, assignment: Assignment, result: Result, samples: Sequence[Sample]) -> None:
        """Takes a result in place of the one before."""
        key = (assignment.target.id, assignment.kind)
        self._results[key] = Found(assignment, result, tuple(samples))

    def note_own(self, samples: Sequence[Sample]) -> None:
        """Takes what the agent says of itself."""
        self._own = tuple(samples)

    def retain(self, assignments: Iterable[Assignment]) -> None:
        """Forgets what is no longer asked."""
        wanted = {(a.target.id, a.kind) for a in assignments}
        for key in [key for key in self._results if key not in wanted]:
            del self._results[key]

    def result_of(self, target_id: str, kind: str) -> Found | None:
        """What this check found last, None before its first result."""
        return self._results.get((target_id, kind))

    def samples(self, now: float) -> Iterator[Sample]:
        """The newest sample of each series, each series once; what is stale is left out."""
        newest: dict[Series, Sample] = {sample.series: sample for sample in self._own}
        for found in self._results.values():
            if not found.fresh(now):
                continue
            for sample in found.samples:
                known = newest.get(sample.series)
                if known is None or known.timestamp_ms < sample.timestamp_ms:
                    newest[sample.series] = sample
        return iter(newest.values())
