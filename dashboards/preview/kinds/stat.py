"""Large figures and tiles."""

from __future__ import annotations

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.fields import Shown, field_of
from dashboards.preview.frames import Serie
from dashboards.preview.nothing import no_data
from dashboards.preview.scene import Scene
from dashboards.preview.svg import cut, drawing, tag, text, wide
from dashboards.preview.theme import upon

_GAP = 6


def draw(scene: Scene) -> str:
    """One tile for each series, as large as fits."""
    series = scene.series()
    if not series:
        return no_data(scene)
    if scene.options["colorMode"] not in ("background", "value"):
        raise NotDrawnError(f"stat panels coloured by {scene.options['colorMode']} are not known")
    columns, rows = _grid(len(series), scene.width, scene.height)
    width = (scene.width - _GAP * (columns - 1)) / columns
    height = (scene.height - _GAP * (rows - 1)) / rows
    tiles = []
    for place, serie in enumerate(series):
        x, y = place % columns * (width + _GAP), place // columns * (height + _GAP)
        inside = _tile(scene, serie, width, height)
        tiles.append(tag("g", inside, transform=f"translate({x:.1f},{y:.1f})"))
    return drawing(scene.width, scene.height, *tiles)


def _grid(number: int, width: float, height: float) -> tuple[int, int]:
    """Columns and rows in which the tiles are as large, and as near to 2.4 : 1, as can be."""

    def fit(columns: int) -> float:
        rows = -(-number // columns)
        return min(width / columns / 2.4, height / rows)

    columns = max(range(1, number + 1), key=fit)
    return columns, -(-number // columns)


def _tile(scene: Scene, serie: Serie, width: float, height: float) -> str:
    shown = field_of(scene.panel, name=serie.name, ref=serie.ref).show(serie.last, scene.theme)
    coloured = scene.options["colorMode"] == "background"
    ink = upon(shown.colour) if coloured else shown.colour
    surface = shown.colour if coloured else scene.theme.panel
    parts = [tag("rect", width=width, height=height, rx=3, fill=surface)]
    if scene.options["graphMode"] == "area":
        parts.append(_course(serie, width, height, ink))
    if scene.options["textMode"] == "value_and_name":
        parts += _named(serie.name, shown, width, height, ink)
    else:
        size = _size(shown.text, width - 16, height * 0.62, 56)
        at = height / 2 + size * 0.36
        parts.append(_centred(shown.text, width / 2, at, ink, size, 600))
    return "".join(parts)


def _named(name: str, shown: Shown, width: float, height: float, ink: str) -> list[str]:
    """The name above, the value below it, both as large as fits."""
    room = width - 12
    value_size = _size(shown.text, room, height * 0.42, 30)
    name_size = min(_size(name, room, height * 0.34, 15), max(value_size * 0.95, 10))
    name_size = max(name_size, min(10.0, height * 0.34))
    both = name_size + value_size + 4
    top = (height - both) / 2
    return [
        _centred(
            cut(name, name_size, room), width / 2, top + name_size * 0.86, ink, name_size, 400
        ),
        _centred(
            cut(shown.text, value_size, room),
            width / 2,
            top + both - value_size * 0.14,
            ink,
            value_size,
            600,
        ),
    ]


def _size(words: str, room: float, height: float, most: float) -> float:
    """The font size at which the words fill the room, within bounds."""
    return max(9.0, min(most, height, room / max(wide(words, 1), 0.1)))


def _centred(words: str, x: float, y: float, ink: str, size: float, weight: int) -> str:
    return text(x, y, words, ink, font_size=size, font_weight=weight, text_anchor="middle")


def _course(serie: Serie, width: float, height: float, ink: str) -> str:
    """The course behind the figure, over the lower half."""
    values = [value for _, value in serie.points]
    times = [time for time, _ in serie.points]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span, long = (high - low) or 1.0, times[-1] - times[0]
    places = [
        f"{(time - times[0]) / long * width:.1f},{height - (value - low) / span * height * 0.45:.1f}"
        for time, value in serie.points
    ]
    area = f"0,{height:.1f} {' '.join(places)} {width:.1f},{height:.1f}"
    return tag("polygon", points=area, fill=ink, opacity=0.18)
