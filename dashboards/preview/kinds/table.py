"""Tables, in the order that the panel asks for."""

from __future__ import annotations

from html import escape

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.fields import Field, Shown, field_of
from dashboards.preview.frames import Cell, Grid
from dashboards.preview.nothing import no_data
from dashboards.preview.scene import Scene
from dashboards.preview.svg import tag
from dashboards.preview.theme import upon

ROW = 32
"""Pixels of a line, as Grafana's small ones."""


def draw(scene: Scene) -> str:
    """As many rows as fit, and how many more there are."""
    grid = scene.grid()
    if not grid.rows:
        return no_data(scene)
    fields = [field_of(scene.panel, name=name) for name in grid.columns]
    rows = _sorted(scene, grid, fields)
    fit = max(1, (scene.height - ROW) // ROW)
    lines = "".join(_row(scene, row, fields, grid.columns) for row in rows[:fit])
    heads = "".join(_head(field, name) for field, name in zip(fields, grid.columns, strict=True))
    more = len(rows) - fit
    note = tag("div", f"+{more}", class_="more") if more > 0 else ""
    return tag("table", f"<tr>{heads}</tr>{lines}") + note


def _head(field: Field, name: str) -> str:
    width = field.custom.get("width")
    style = f"width:{width}px" if width else None
    return tag("th", escape(_title(field, name)), style=style)


def _title(field: Field, name: str) -> str:
    return str(field.settings.get("displayName") or name)


def _sorted(scene: Scene, grid: Grid, fields: list[Field]) -> list[tuple[Cell, ...]]:
    """By the column that the panel names; what has no value comes last."""
    rows = list(grid.rows)
    for order in scene.options.get("sortBy") or ():
        titles = [_title(f, n) for f, n in zip(fields, grid.columns, strict=True)]
        if order["displayName"] not in titles:
            raise NotDrawnError(f"no column is called {order['displayName']!r}")
        place = titles.index(order["displayName"])
        known = [row for row in rows if row[place] is not None]
        known.sort(key=lambda row: row[place] or 0, reverse=bool(order.get("desc")))
        rows = known + [row for row in rows if row[place] is None]
    return rows


def _row(scene: Scene, row: tuple[Cell, ...], fields: list[Field], columns: tuple[str, ...]) -> str:
    cells = [
        _cell(scene, field, value) for field, value, _ in zip(fields, row, columns, strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _cell(scene: Scene, field: Field, value: Cell) -> str:
    shown: Shown = field.show(value, scene.theme)
    kind = (field.custom.get("cellOptions") or {}).get("type", "auto")
    inside, style = escape(shown.text), None
    if field.settings.get("links"):
        inside = tag("span", inside, class_="link")
    if kind == "color-background" and shown.text:
        style = f"background:{shown.colour};color:{upon(shown.colour)};font-weight:600"
    elif kind == "color-text":
        style = f"color:{shown.colour}"
    elif kind not in ("auto", "color-background"):
        raise NotDrawnError(f"cells of the type {kind} are not known")
    return tag("td", inside, style=style)
