"""Where panels go: from left to right and from the top down, on Grafana's grid of 24 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.language import Text
from dashboards.panel import Panel

COLUMNS = 24
ROW_HEIGHT = 1


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading. folded: opened by a click; its panels ask nothing before."""

    title: Text
    panels: tuple[Panel, ...]
    folded: bool = False


def row(title: Text, *panels: Panel, folded: bool = False) -> Row:
    """A row of these panels."""
    return Row(title, panels, folded)


@dataclass(frozen=True, slots=True)
class Place:
    """Of a panel, in columns and rows of the grid."""

    x: int
    y: int
    width: int
    height: int


def placed(panels: Sequence[Panel], top: int) -> Iterator[tuple[Panel, Place]]:
    """The panels with their places, the first at the left of row `top`. A line of panels is as high as
    its highest; a lower one is stretched, so that no hole is left beneath it.
    """
    for line in _lines(panels):
        height, x = max(panel.height for panel in line), 0
        for panel in line:
            yield panel, Place(x, top, panel.width, height)
            x += panel.width
        top += height


def height_of(panels: Sequence[Panel]) -> int:
    """How many rows of the grid the panels take."""
    return sum(max(panel.height for panel in line) for line in _lines(panels))


def _lines(panels: Sequence[Panel]) -> list[list[Panel]]:
    lines: list[list[Panel]] = []
    used = COLUMNS
    for panel in panels:
        if not 0 < panel.width <= COLUMNS:
            raise ValueError(f"{panel.title.en!r} is {panel.width} columns wide, expected 1 to 24")
        if used + panel.width > COLUMNS:
            lines.append([])
            used = 0
        lines[-1].append(panel)
        used += panel.width
    return lines
