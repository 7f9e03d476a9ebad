"""A board as one HTML file: panels where Grafana's grid puts them, everything inline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.preview.errors import NotDrawnError, PreviewError
from dashboards.preview.kinds import KINDS
from dashboards.preview.marks import marks_of
from dashboards.preview.scene import Mark, Scene
from dashboards.preview.source import Source
from dashboards.preview.style import style_of
from dashboards.preview.svg import cut, tag
from dashboards.preview.theme import Theme
from dashboards.preview.window import Chosen, Window, choose

Json = Mapping[str, Any]

CELL, GAP, COLUMNS = 30, 8, 24
"""Grafana's grid: pixels of a row, between panels, and columns."""

EDGE, TOP, TITLE, PADDING = 16, 92, 32, 8
_TITLE_SIZE = 14


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn. width: of the window, in pixels; language: of the page's own words."""

    theme: Theme
    zone: ZoneInfo
    width: int = 1280
    language: str = "vi"


def page(board: Json, source: Source, window: Window, look: Look, wanted: Mapping[str, str]) -> str:
    """The board as HTML. wanted: values of its variables by name."""
    chosen = choose(board, source, window, wanted)
    painter = _Painter(source, window, chosen, look, marks_of(board, source, window, chosen))
    panels, rows = painter.panels(board)
    height = TOP + rows * (CELL + GAP) + EDGE
    body = _head(board, chosen, window, look) + "".join(panels)
    return (
        f'<!doctype html><html lang="{escape(look.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(board['title'])}</title><style>{style_of(look.theme)}</style></head>"
        f'<body style="width:{look.width}px;height:{height}px">{body}</body></html>\n'
    )


class _Painter:
    """Draws the panels of one board from the top down."""

    def __init__(
        self,
        source: Source,
        window: Window,
        chosen: Chosen,
        look: Look,
        marks: tuple[Mark, ...],
    ) -> None:
        self._source, self._window, self._chosen = source, window, chosen
        self._look, self._marks = look, marks

    def panels(self, board: Json) -> tuple[list[str], int]:
        """All of them as HTML, and how many rows of the grid they take. A folded row is opened when
        the store has something for it, as a person would.
        """
        drawn: list[str] = []
        shift = rows = 0
        for panel in board["panels"]:
            top = panel["gridPos"]["y"] + shift
            rows = max(rows, top + panel["gridPos"]["h"])
            if panel["type"] != "row":
                drawn.append(self._panel(panel, shift))
                continue
            opened = [] if not panel["collapsed"] else list(self._opened(panel, shift))
            drawn.append(self._row(panel, top, opened=bool(opened) or not panel["collapsed"]))
            drawn += opened
            if opened:
                inside = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in panel["panels"])
                grown = inside - panel["gridPos"]["y"] - panel["gridPos"]["h"]
                shift += grown
                rows = max(rows, top + 1 + grown)
        return drawn, rows

    def _opened(self, row: Json, shift: int) -> Iterator[str]:
        if any(self._scene(p, 100, 100).series() for p in row["panels"] if p["type"] != "text"):
            yield from (self._panel(panel, shift) for panel in row["panels"])

    def _row(self, panel: Json, top: int, *, opened: bool) -> str:
        left, y, width, _ = self._box({"x": 0, "y": top, "w": COLUMNS, "h": 1})
        sign = "▾" if opened else "▸"
        return tag(
            "div",
            f"{sign}&nbsp; {escape(panel['title'])}",
            class_="row",
            style=f"left:{left}px;top:{y}px;width:{width}px",
        )

    def _panel(self, panel: Json, shift: int) -> str:
        place = dict(panel["gridPos"])
        place["y"] += shift
        left, top, width, height = self._box(place)
        scene = self._scene(panel, width - 2 * PADDING, height - TITLE - PADDING)
        title = cut(panel["title"], _TITLE_SIZE, width - 2 * PADDING)
        return tag(
            "div",
            tag("h2", escape(title), title=panel["description"]) + _drawn(scene),
            class_="panel",
            style=f"left:{left}px;top:{top}px;width:{width}px;height:{height}px",
        )

    def _scene(self, panel: Json, width: int, height: int) -> Scene:
        look = self._look
        return Scene(
            panel, self._source, self._window, self._chosen, look.theme, look.zone, self._marks,
            width, height,
        )  # fmt: skip

    def _box(self, place: Mapping[str, int]) -> tuple[int, int, int, int]:
        """left, top, width and height in pixels."""
        column = (self._look.width - 2 * EDGE + GAP) / COLUMNS
        left = round(EDGE + place["x"] * column)
        right = round(EDGE + (place["x"] + place["w"]) * column) - GAP
        top = TOP + place["y"] * (CELL + GAP)
        return left, top, right - left, place["h"] * (CELL + GAP) - GAP


def _drawn(scene: Scene) -> str:
    """The panel's inside; what cannot be drawn is said with the panel's name."""
    kind = KINDS.get(scene.panel["type"])
    title = scene.panel["title"]
    if kind is None:
        raise NotDrawnError(f"panel {title!r}: the type {scene.panel['type']} is not known")
    try:
        return kind(scene)
    except PreviewError as error:
        raise type(error)(f"panel {title!r}: {error}") from error


def _head(board: Json, chosen: Chosen, window: Window, look: Look) -> str:
    """The board's name, what was chosen, and the time that is shown."""
    begin, end = (_moment(at, look.zone) for at in (window.begin, window.end))
    choices = "".join(
        f"<label><span>{escape(name)}</span><b>{escape(value)}</b></label>"
        for name, value in chosen.shown.items()
    )
    return (
        f'<header><div class="name"><h1>{escape(board["title"])}</h1>'
        f"<p>{escape(board['description'])}</p><time>{begin} – {end}</time></div>"
        f'<div class="choices">{choices}</div></header>'
    )


def _moment(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%d/%m/%Y %H:%M}"
