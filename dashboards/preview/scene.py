"""What every drawer gets: the panel, who answers, which time, how large, which theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.preview.frames import Grid, Serie, grid_of, series_of
from dashboards.preview.source import Source
from dashboards.preview.theme import Theme
from dashboards.preview.window import Chosen, Window


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, or a stretch of time, that a board marks on its courses."""

    begin: float
    end: float
    colour: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One panel to be drawn. width, height: of the room below its title, in pixels."""

    panel: Mapping[str, Any]
    source: Source
    window: Window
    chosen: Chosen
    theme: Theme
    zone: ZoneInfo
    marks: tuple[Mark, ...]
    width: int
    height: int

    @property
    def options(self) -> Mapping[str, Any]:
        """The panel's own options."""
        return dict(self.panel["options"])

    @property
    def step(self) -> int:
        """Seconds from one point to the next."""
        return self.window.step(self.width)

    def series(self) -> list[Serie]:
        """The answers as series."""
        return series_of(self.panel, self.source, self.window, self.chosen, self.step)

    def grid(self) -> Grid:
        """The answers as a table."""
        return grid_of(self.panel, self.source, self.window, self.chosen)

    def clock(self, at: float) -> str:
        """A time on an axis: with the day where the window is longer than one."""
        moment = datetime.fromtimestamp(at, self.zone)
        return f"{moment:%d/%m}" if self.window.seconds > 3 * 86_400 else f"{moment:%H:%M}"
