"""One limit: when a value is no longer as expected, and when it is again."""

from __future__ import annotations

import itertools
from typing import Literal

from pydantic import Field

from inventory.document import StrictModel
from inventory.fields import Duration


class Limit(StrictModel):
    """When a value is no longer as expected. degraded, critical: reached at this value or beyond it; clear:
    back to normal only here (hysteresis), None for just inside `degraded`; for: how long it must last,
    in seconds; direction: which side is bad. None where a level does not exist.
    """

    degraded: float | None = None
    critical: float | None = None
    clear: float | None = None
    for_seconds: Duration = Field(
        default=0.0, validation_alias="for", serialization_alias="for", le=30 * 86_400
    )
    direction: Literal["above", "below"] = "above"

    def level(self, value: float) -> Literal["degraded", "critical"] | None:
        """The worst level that `value` has reached, None while it has reached none."""
        if self._beyond(value, self.critical):
            return "critical"
        return "degraded" if self._beyond(value, self.degraded) else None

    def cleared(self, value: float) -> bool:
        """Whether `value` ends a finding: at `clear` or on its good side, or no level reached without one."""
        if self.clear is None:
            return self.level(value) is None
        return value <= self.clear if self.direction == "above" else value >= self.clear

    def over(self, base: Limit | None) -> Limit:
        """This limit's own keys put over `base`."""
        if base is None:
            return self
        own = {name: getattr(self, name) for name in self.model_fields_set}
        return base.model_copy(update=own)

    def disorder(self) -> str:
        """Why the levels contradict one another, or the empty string."""
        order = ("clear", "degraded", "critical")
        if self.direction == "below":
            order = ("critical", "degraded", "clear")
        levels = [(name, getattr(self, name)) for name in order if getattr(self, name) is not None]
        for (low_name, low), (high_name, high) in itertools.pairwise(levels):
            if low > high:
                return f"expected {low_name} ({low:g}) not above {high_name} ({high:g})"
        return ""

    def _beyond(self, value: float, level: float | None) -> bool:
        if level is None:
            return False
        return value >= level if self.direction == "above" else value <= level
