"""Courses of values: lines, areas, dots, the smoke between two lines, limits and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.preview import legend
from dashboards.preview.axis import Scale, ticks
from dashboards.preview.errors import NotDrawnError
from dashboards.preview.fields import Field, field_of
from dashboards.preview.figures import written
from dashboards.preview.frames import Serie
from dashboards.preview.nothing import no_data
from dashboards.preview.scene import Scene
from dashboards.preview.svg import drawing, tag, text, wide
from dashboards.preview.times import time_axis

_SIZE = 11.5
_LEGEND_SHARE = 0.3

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A series with its configuration; points: where it is drawn, stacked on those below it."""

    serie: Serie
    field: Field
    colour: str
    points: tuple[Point, ...]
    floor: tuple[Point, ...]

    @property
    def hidden(self) -> bool:
        """Whether the legend leaves it out."""
        return bool((self.field.custom.get("hideFrom") or {}).get("legend"))


def draw(scene: Scene) -> str:
    """The panel; below it as many lines of legend as are needed, but not too many."""
    series = scene.series()
    if not series:
        return no_data(scene)
    lines = _lines(scene, series)
    names = [(line.serie.name, line.colour) for line in lines if not line.hidden]
    rows = len(legend.lay_out([name for name, _ in names], scene.width))
    rows = min(rows, max(1, int(scene.height * _LEGEND_SHARE / legend.LINE)))
    bottom = scene.height - rows * legend.LINE - 24
    field = lines[0].field
    low, high = _range(lines, field)
    decimals = _decimals(field)
    marks = ticks(
        low, high, bottom, lambda value: written(value, field.unit, decimals),
        unit=field.unit, whole=decimals == 0 and field.unit == "short",
    )  # fmt: skip
    left = max(wide(words, _SIZE) for _, words in marks) + 10
    across = Scale(scene.window.begin, scene.window.end, left, scene.width - 4)
    up = Scale(low, high, bottom, 6)
    parts = [
        time_axis(scene, across, bottom, grid=True),
        _values(scene, marks, up, left),
        _marked(scene, across, bottom),
        _limits(scene, field, up, left),
        *(_smoke(line, lines, across, up, scene.step) for line in lines),
        *(_line(line, across, up, scene.step) for line in lines),
        legend.draw(names, scene.height - rows * legend.LINE, scene.width, rows, scene.theme),
    ]
    return drawing(scene.width, scene.height, *parts)


def _lines(scene: Scene, series: Sequence[Serie]) -> list[Line]:
    stacks: dict[float, float] = {}
    made = []
    for place, serie in enumerate(series):
        field = field_of(scene.panel, name=serie.name, ref=serie.ref)
        fixed = field.fixed_colour()
        colour = scene.theme.colour(fixed) if fixed else scene.theme.series(place)
        points, floor = serie.points, tuple((time, 0.0) for time, _ in serie.points)
        if (field.custom.get("stacking") or {}).get("mode", "none") == "normal":
            floor = tuple((time, stacks.get(time, 0.0)) for time, _ in serie.points)
            points = tuple((t, v + f) for (t, v), (_, f) in zip(serie.points, floor, strict=True))
            stacks.update(points)
        made.append(Line(serie, field, colour, points, floor))
    return made


def _range(lines: Sequence[Line], field: Field) -> tuple[float, float]:
    """From the least to the largest value, rounded outwards a little, or as the field wants it."""
    values = [value for line in lines for _, value in line.points]
    low, high = min(values), max(values)
    soft = field.custom.get("axisSoftMin")
    stacked = (field.custom.get("stacking") or {}).get("mode", "none") == "normal"
    if soft is not None or stacked:
        low = min(low, soft or 0.0)
    spread = (high - low) or abs(high) or 1.0
    wanted_low, wanted_high = field.settings.get("min"), field.settings.get("max")
    low = low - spread * 0.05 if low < 0 or low > spread * 0.3 else min(low, 0.0)
    low = wanted_low if wanted_low is not None else low
    high = wanted_high if wanted_high is not None else high + spread * 0.08
    return low, high if high > low else low + 1.0


def _decimals(field: Field) -> int | None:
    decimals = field.settings.get("decimals")
    return int(decimals) if decimals is not None else None


def _values(scene: Scene, marks: Sequence[tuple[float, str]], up: Scale, left: float) -> str:
    parts = []
    for value, words in marks:
        y = up.at(value)
        parts.append(tag("line", x1=left, x2=scene.width, y1=y, y2=y, stroke=scene.theme.grid))
        parts.append(
            text(left - 6, y + 4, words, scene.theme.quiet, font_size=_SIZE, text_anchor="end")
        )
    return "".join(parts)


def _limits(scene: Scene, field: Field, up: Scale, left: float) -> str:
    """The thresholds as dashed lines, where they are within the axis."""
    style = (field.custom.get("thresholdsStyle") or {}).get("mode", "off")
    if style == "off":
        return ""
    if style != "dashed":
        raise NotDrawnError(f"thresholds drawn as {style} are not known")
    parts = []
    for step in field.steps:
        if step["value"] is not None and up.low <= step["value"] <= up.high:
            y, colour = up.at(step["value"]), scene.theme.colour(step["color"])
            parts.append(
                tag(
                    "line", x1=left, x2=scene.width, y1=y, y2=y,
                    stroke=colour, stroke_dasharray="8 6", opacity=0.85,
                )
            )  # fmt: skip
    return "".join(parts)


def _marked(scene: Scene, across: Scale, bottom: float) -> str:
    """What the board marks: a dashed line where it begins, a bar below for as long as it lasts."""
    parts = []
    for mark in scene.marks:
        x, end = across.at(max(mark.begin, across.low)), across.at(mark.end)
        colour = scene.theme.colour(mark.colour)
        if mark.begin >= across.low:
            parts.append(
                tag(
                    "line", x1=x, x2=x, y1=6, y2=bottom,
                    stroke=colour, stroke_dasharray="3 4", opacity=0.55,
                )
            )  # fmt: skip
        parts.append(
            tag(
                "rect", x=x - 1, y=bottom, width=max(end - x, 3), height=3, fill=colour, opacity=0.8
            )
        )
    return "".join(parts)


def _smoke(line: Line, lines: Sequence[Line], across: Scale, up: Scale, step: float) -> str:
    """The area down to the line that `fillBelowTo` names, stretch by stretch."""
    wanted = line.field.custom.get("fillBelowTo")
    if not wanted:
        return ""
    below = next((other for other in lines if other.serie.name == wanted), None)
    if below is None:
        raise NotDrawnError(f"{line.serie.name!r} is filled down to {wanted!r}, which is not there")
    floor = dict(below.points)
    parts = []
    for stretch in _stretches(line.points, step):
        there = [(time, value) for time, value in stretch if time in floor]
        edge = [*there, *((time, floor[time]) for time, _ in reversed(there))]
        opacity = float(line.field.custom.get("fillOpacity", 20)) / 100
        parts.append(
            tag("polygon", points=_path(edge, across, up), fill=line.colour, opacity=opacity)
        )
    return "".join(parts)


def _line(line: Line, across: Scale, up: Scale, step: float) -> str:
    custom = line.field.custom
    if custom.get("drawStyle") == "points":
        radius = float(custom.get("pointSize", 5)) / 2
        return "".join(
            tag("circle", cx=across.at(time), cy=up.at(value), r=radius, fill=line.colour)
            for time, value in line.points
        )
    if custom.get("drawStyle") not in (None, "line"):
        raise NotDrawnError(f"courses drawn as {custom['drawStyle']} are not known")
    parts = [_area(line, across, up, step)]
    width = float(custom.get("lineWidth", 1))
    for stretch in _stretches(line.points, step):
        if width and len(stretch) == 1:
            (time, value), *_ = stretch
            parts.append(
                tag("circle", cx=across.at(time), cy=up.at(value), r=1.5, fill=line.colour)
            )
        elif width:
            points = _path(stretch, across, up)
            parts.append(
                tag(
                    "polyline",
                    points=points,
                    fill="none",
                    stroke=line.colour,
                    stroke_width=width + 0.3,
                )
            )
    return "".join(parts)


def _area(line: Line, across: Scale, up: Scale, step: float) -> str:
    """The light area below a line, or the full one of a stack."""
    opacity = float(line.field.custom.get("fillOpacity", 0)) / 100
    if not opacity or line.field.custom.get("fillBelowTo"):
        return ""
    floor = dict(line.floor)
    parts = []
    for stretch in _stretches(line.points, step):
        edge = [*stretch, *((time, max(floor[time], up.low)) for time, _ in reversed(stretch))]
        parts.append(
            tag("polygon", points=_path(edge, across, up), fill=line.colour, opacity=opacity)
        )
    return "".join(parts)


def _stretches(points: Sequence[Point], step: float) -> list[list[Point]]:
    """The points in runs without a hole: a line across one would claim what nobody has seen."""
    runs: list[list[Point]] = []
    for time, value in points:
        if not runs or time - runs[-1][-1][0] > step * 1.5:
            runs.append([])
        runs[-1].append((time, value))
    return runs


def _path(points: Sequence[Point], across: Scale, up: Scale) -> str:
    low, high = up.low, up.high
    return " ".join(
        f"{across.at(time):.1f},{up.at(min(max(value, low), high)):.1f}" for time, value in points
    )
