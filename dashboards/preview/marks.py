"""What a board marks on its courses, asked of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboards.preview.scene import Mark
from dashboards.preview.source import Found, Source
from dashboards.preview.window import MIN_STEP_SECONDS, Chosen, Window


def marks_of(
    board: Mapping[str, Any], source: Source, window: Window, chosen: Chosen
) -> tuple[Mark, ...]:
    """A mark for each stretch in which an annotation's expression had a value."""
    step = max(MIN_STEP_SECONDS, window.step(1000))
    found: set[Mark] = set()
    for annotation in board["annotations"]["list"]:
        if annotation["enable"]:
            expression = chosen.put_into(annotation["expr"], window.built_in(step))
            for series in source.course(expression, window.begin, window.end, step):
                found.update(_stretches(series, step, annotation["iconColor"]))
    return tuple(sorted(found, key=lambda mark: (mark.begin, mark.end, mark.colour)))


def _stretches(series: Found, step: float, colour: str) -> Iterator[Mark]:
    begin = before = series.points[0][0]
    for time, _ in series.points[1:]:
        if time - before > step * 1.5:
            yield Mark(begin, before, colour)
            begin = time
        before = time
    yield Mark(begin, before, colour)
