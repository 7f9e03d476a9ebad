"""Horizontal bars, the name at the left and the value at the right."""

from __future__ import annotations

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.fields import field_of
from dashboards.preview.nothing import no_data
from dashboards.preview.scene import Scene
from dashboards.preview.svg import cut, drawing, tag, text, wide

_SIZE = 12.5
_THICKEST = 30


def draw(scene: Scene) -> str:
    """One bar for each series, from the field's least to its largest value."""
    series = scene.series()
    if not series:
        return no_data(scene)
    if scene.options["orientation"] != "horizontal" or scene.options["namePlacement"] != "left":
        raise NotDrawnError("only horizontal bars with their names at the left are known")
    fields = [field_of(scene.panel, name=serie.name, ref=serie.ref) for serie in series]
    shown = [f.show(s.last, scene.theme) for f, s in zip(fields, series, strict=True)]
    left = min(max(wide(s.name, _SIZE) for s in series) + 8, scene.width * 0.5)
    right = max(wide(s.text, _SIZE) for s in shown) + 10
    room = scene.width - left - right
    height = min(scene.height / len(series), _THICKEST + 6)
    parts = []
    for place, (serie, field, value) in enumerate(zip(series, fields, shown, strict=True)):
        low, high = float(field.settings["min"]), float(field.settings["max"])
        share = min(1.0, max(0.0, (serie.last - low) / (high - low)))
        y, thick = place * height, height - 6
        base = y + thick / 2 + _SIZE * 0.36
        parts += [
            text(0, base, cut(serie.name, _SIZE, left - 8), scene.theme.text, font_size=_SIZE),
            tag("rect", x=left, y=y, width=room, height=thick, rx=2, fill=scene.theme.grid),
            tag("rect", x=left, y=y, width=share * room, height=thick, rx=2, fill=value.colour),
            text(
                scene.width, base, value.text, value.colour,
                font_size=_SIZE, font_weight=600, text_anchor="end",
            ),
        ]  # fmt: skip
    return drawing(scene.width, scene.height, *parts)
