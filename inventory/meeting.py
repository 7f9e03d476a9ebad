"""Video conferences: which rooms must be ready, and when."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema

from inventory.document import StrictModel
from inventory.fields import Duration, Slug, Text

_REPEAT_SECONDS = {"daily": 86_400.0, "weekly": 604_800.0}


def _rooms(value: Any) -> Any:
    if value == "all":
        return ()
    return [value] if isinstance(value, str) else value


class Meeting(StrictModel):
    """A meeting, once or repeated. rooms: ids of video-conference endpoints, empty (`all`) for every one;
    duration in seconds. A repeated meeting keeps the hour of its own zone offset (Viet Nam has no summer
    time).
    """

    id: Slug
    title: Text
    rooms: Annotated[
        tuple[Slug, ...],
        BeforeValidator(_rooms),
        WithJsonSchema(
            {"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]}
        ),
    ] = ()
    start: AwareDatetime
    repeat: Literal["none", "daily", "weekly"] = "none"
    duration: Duration = Field(default=3600.0, gt=0, le=86_400)

    def next_start(self, at: float) -> float | None:
        """When the occurrence that runs at `at` began, or else the next one begins; None after the last."""
        first = self.start.timestamp()
        if at < first + self.duration:
            return first
        period = _REPEAT_SECONDS.get(self.repeat)
        if period is None:
            return None
        begun = first + (at - first) // period * period
        return begun if at < begun + self.duration else begun + period
