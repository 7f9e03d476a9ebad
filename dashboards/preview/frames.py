"""Answers as Grafana keeps them: named series, and tables made of them by transformations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.source import Found, Source
from dashboards.preview.window import Chosen, Window

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Serie:
    """One series with its name in the legend. ref: the query that it came from."""

    name: str
    ref: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        """Its newest value."""
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: names of its columns, and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def series_of(
    panel: Mapping[str, Any], source: Source, window: Window, chosen: Chosen, step: int
) -> list[Serie]:
    """The series of a panel's queries, in their order."""
    return [
        Serie(_legend(target, found), target["refId"], found.labels, found.points)
        for target in panel["targets"]
        for found in answer(target, source, window, chosen, step)
        if found.points
    ]


def answer(
    target: Mapping[str, Any], source: Source, window: Window, chosen: Chosen, step: int
) -> list[Found]:
    """What the store says to one query of a panel."""
    expression = chosen.put_into(target["expr"], window.built_in(step))
    if target.get("instant"):
        return source.instant(expression, window.end)
    begin = window.begin - window.begin % step
    return source.course(expression, begin, window.end, step)


def grid_of(panel: Mapping[str, Any], source: Source, window: Window, chosen: Chosen) -> Grid:
    """The table of a panel after its transformations."""
    several = len(panel["targets"]) > 1
    frames: list[list[dict[str, Any]]] = []
    for target in panel["targets"]:
        value = f"Value #{target['refId']}" if several else "Value"
        frames.append(
            [
                {**found.labels, value: found.points[-1][1]}
                for found in answer(target, source, window, chosen, 60)
            ]
        )
    rows: list[dict[str, Cell]] = [dict(row) for row in frames[0]]
    for transformation in panel.get("transformations", ()):
        if transformation["id"] == "merge":
            rows = _merged(frames)
        elif transformation["id"] != "organize":
            raise NotDrawnError(f"the transformation {transformation['id']} is not known")
    order = _organized(panel, rows)
    return Grid(tuple(order), tuple(tuple(row.get(name) for name in order) for row in rows))


def _organized(panel: Mapping[str, Any], rows: list[dict[str, Cell]]) -> list[str]:
    """The columns that are shown, in their order."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    for transformation in panel.get("transformations", ()):
        if transformation["id"] == "organize":
            options = transformation["options"]
            if options.get("renameByName"):
                raise NotDrawnError("renaming by the transformation is not known")
            hidden, order = options["excludeByName"], options["indexByName"]
            names = sorted(
                (name for name in {*names, *order} if not hidden.get(name)),
                key=lambda name: order.get(name, len(order)),
            )
    return names


def _merged(frames: list[list[dict[str, Any]]]) -> list[dict[str, Cell]]:
    """Rows of all queries with the same labels as one."""
    merged: dict[tuple[tuple[str, str], ...], dict[str, Cell]] = {}
    for frame in frames:
        for row in frame:
            labels = tuple(sorted((k, v) for k, v in row.items() if not k.startswith("Value #")))
            merged.setdefault(labels, {}).update(row)
    return list(merged.values())


def _legend(target: Mapping[str, Any], found: Found) -> str:
    """The name in the legend: `{{label}}` put in."""
    return re.sub(r"\{\{(\w+)\}\}", lambda m: found.labels.get(m[1], ""), target["legendFormat"])
