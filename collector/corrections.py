"""What late word has changed about time that was accounted for already; to be logged by whoever runs us."""

from __future__ import annotations

from dataclasses import dataclass

from collector.state import HealthState, TargetState


@dataclass(frozen=True, slots=True)
class Correction:
    """So many seconds of a target were taken for one state and are another now."""

    target: str
    was: str
    is_now: str
    seconds: float


class Corrections:
    """Gathers the corrections of one journal entry until they are taken."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str, str], float] = {}

    def note(
        self, target: TargetState, was: HealthState, is_now: HealthState, seconds: float
    ) -> None:
        """So much more of a target's time is decided anew."""
        key = (target.id, was.value, is_now.value)
        self._seconds[key] = self._seconds.get(key, 0.0) + seconds

    def take(self) -> list[Correction]:
        """The corrections since the last call, in order."""
        found = [Correction(*key, seconds) for key, seconds in self._seconds.items()]
        self._seconds.clear()
        return found
