"""What nobody has measured for too long: a queue of when each target must have been looked at again."""

from __future__ import annotations

import heapq

from collector import reachability
from collector.availability import Availability
from collector.heartbeat import CAUGHT_UP_SECONDS
from collector.knowledge import Knowledge
from collector.state import HealthState, TargetState


class Deadlines:
    """Has targets go stale. Made anew with each inventory: then all are asked after once."""

    def __init__(self, knowledge: Knowledge, availability: Availability) -> None:
        self._knowledge = knowledge
        self._availability = availability
        self._due = [(0.0, name) for name in knowledge.targets]

    def expect(self, target: TargetState, at: float) -> None:
        """From `at` on the target is asked after."""
        heapq.heappush(self._due, (at, target.id))

    def watch(self) -> None:
        """Asks after every target whose time has come."""
        known = self._knowledge
        while self._due and self._due[0][0] <= known.now:
            _, name = heapq.heappop(self._due)
            target = known.targets.get(name)
            if target is not None and target.account.begun:
                self._check(target)

    def _check(self, target: TargetState) -> None:
        """Goes stale unless it was measured meanwhile, or its backlog is just coming in."""
        known = self._knowledge
        until = max(reachability.believed_until(target), known.listening_since + CAUGHT_UP_SECONDS)
        if any(known.agents[v.agent].lagging for v in target.vantages.values()):
            until = max(until, known.now + CAUGHT_UP_SECONDS)
        if until > known.now:
            self.expect(target, until)
            return
        if target.state is not HealthState.NOT_MEASURED:
            self._availability.go_stale(target)
        self.expect(target, known.now + CAUGHT_UP_SECONDS)
