"""Bands of states over time."""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.preview import legend
from dashboards.preview.axis import Scale
from dashboards.preview.fields import Field, field_of
from dashboards.preview.frames import Serie
from dashboards.preview.nothing import no_data
from dashboards.preview.scene import Scene
from dashboards.preview.svg import cut, drawing, tag, text, wide
from dashboards.preview.times import time_axis

_SIZE = 12


def draw(scene: Scene) -> str:
    """One band for each series; what is not known is left empty."""
    series = scene.series()
    if not series:
        return no_data(scene)
    left = min(max(wide(s.name, _SIZE) for s in series) + 10, scene.width * 0.3)
    bottom = scene.height - legend.LINE - 22
    scale = Scale(scene.window.begin, scene.window.end, left, scene.width - 4)
    height = bottom / len(series)
    thick = height * float(scene.options["rowHeight"])
    size = min(_SIZE, max(7.0, height - 1))
    parts, words = [], {}
    for place, serie in enumerate(series):
        field = field_of(scene.panel, name=serie.name, ref=serie.ref)
        y = place * height + (height - thick) / 2
        name = cut(serie.name, size, left - 8)
        base = place * height + height / 2 + size * 0.36
        parts.append(
            text(left - 8, base, name, scene.theme.text, font_size=size, text_anchor="end")
        )
        for begin, end, value in _stretches(serie, scene.step):
            shown = field.show(value, scene.theme)
            words[shown.text] = shown.colour
            x = max(left, scale.at(begin))
            width = max(scale.at(min(end, scene.window.end)) - x, 1.0)
            parts.append(tag("rect", x=x, y=y, width=width, height=thick, fill=shown.colour))
    parts.append(time_axis(scene, scale, bottom, grid=False))
    names = [(name, colour) for name, colour in _in_order(field, words)]
    below = scene.height - legend.LINE
    parts.append(legend.draw(names, below, scene.width, 1, scene.theme))
    return drawing(scene.width, scene.height, *parts)


def _stretches(serie: Serie, step: float) -> Iterator[tuple[float, float, float]]:
    """(begin, end, value) of stretches in which nothing changed and nothing was missing."""
    begin, value = serie.points[0]
    before = begin
    for time, now in serie.points[1:]:
        if now != value or time - before > step * 1.5:
            yield begin, min(before + step, time), value
            begin, value = time, now
        before = time
    yield begin, before + step, value


def _in_order(field: Field, words: dict[str, str]) -> list[tuple[str, str]]:
    """The words that occur, in the order of the mapping."""
    order = [str(word["text"]) for _, word in field.words()]
    return sorted(words.items(), key=lambda item: order.index(item[0]) if item[0] in order else 99)
