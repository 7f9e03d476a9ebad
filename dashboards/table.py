"""Tables: one row for each thing, its labels and the values of one or more queries as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.builders import table as builders
from grafana_foundation_sdk.models import common as parts
from grafana_foundation_sdk.models import dashboard as grafana

from dashboards.expression import Expression
from dashboards.language import Language, Text
from dashboards.links import cell_links
from dashboards.look import Look, text_mappings
from dashboards.panel import Panel, ask, dressed, override, ref_of, targets


@dataclass(frozen=True, slots=True)
class Label:
    """A column with a label. words: what its values are called, and their colours."""

    name: str
    title: Text
    words: Mapping[str, tuple[Text, str | None]] | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A column with the values of an expression. filled: its colour fills the cell; shown: whether
    there is a column at all: an `…_info` metric is always 1.
    """

    expression: Expression
    title: Text
    look: Look
    width: int | None = None
    filled: bool = False
    shown: bool = True


Column = Label | Value


def listing(
    title: Text,
    about: Text,
    *columns: Column,
    sort_by: Text | None = None,
    rising: bool = False,
    nothing: Text | None = None,
    width: int = 24,
    height: int = 8,
) -> Panel:
    """A table. All expressions must carry exactly the labels that are columns, so that their values
    meet in one row. sort_by: the title of the column that orders the rows, largest first; nothing: what
    an empty table says.
    """
    values = [column for column in columns if isinstance(column, Value)]
    names = {column.name for column in columns if isinstance(column, Label)}
    for value in values:
        if set(value.expression.labels) != names:
            raise ValueError(f"{value.expression} has other labels than {sorted(names)}")

    def make(language: Language) -> grafana.Panel:
        builder = builders.Panel().show_header(True).cell_height(parts.TableCellHeight.SM)
        if sort_by is not None:
            order = common.TableSortByFieldState().display_name(sort_by.to(language))
            builder.sort_by([order.desc(not rising)])
        panel = dressed(builder.build(), title, about, language, Look(nothing=nothing))
        queries = [ask(value.expression, value.title) for value in values]
        panel.targets = [*targets(queries, language, instant=True, table=True)]
        panel.transformations = _transformations(columns)
        for column, name in _named(columns):
            _dress_column(panel, column, name, language)
        return panel

    return Panel(title, about, width, height, make)


def _named(columns: Sequence[Column]) -> list[tuple[Column, str]]:
    """The columns with the names that Grafana gives their fields."""
    several = sum(isinstance(column, Value) for column in columns) > 1
    named: list[tuple[Column, str]] = []
    place = 0
    for column in columns:
        if isinstance(column, Label):
            named.append((column, column.name))
        else:
            named.append((column, f"Value #{ref_of(place)}" if several else "Value"))
            place += 1
    return named


def _transformations(columns: Sequence[Column]) -> list[grafana.DataTransformerConfig]:
    named = _named(columns)
    shown = [name for column, name in named if isinstance(column, Label) or column.shown]
    hidden = {"Time", *(name for _, name in named)} - set(shown)
    options = {
        "excludeByName": dict.fromkeys(sorted(hidden), True),
        "indexByName": {name: place for place, name in enumerate(shown)},
        "renameByName": {},
    }
    organize = grafana.DataTransformerConfig(id_val="organize", options=options)
    if sum(isinstance(column, Value) for column in columns) == 1:
        return [organize]
    return [grafana.DataTransformerConfig(id_val="merge", options={}), organize]


def _dress_column(panel: grafana.Panel, column: Column, name: str, language: Language) -> None:
    properties: dict[str, object] = {"displayName": column.title.to(language)}
    if column.width is not None:
        properties["custom__width"] = column.width
    if isinstance(column, Label):
        if column.words:
            properties["mappings"] = text_mappings(column.words, language)
            if any(colour for _, colour in column.words.values()):
                properties["custom__cellOptions"] = _FILLED
        links = cell_links(column.name, language)
        if links:
            properties["links"] = links
    else:
        field = column.look.field(language)
        properties["unit"] = field.unit
        if field.decimals is not None:
            properties["decimals"] = field.decimals
        properties["thresholds"], properties["mappings"] = field.thresholds, field.mappings
        coloured = column.filled or len(column.look.steps) > 1 or column.look.words
        if coloured:
            properties["custom__cellOptions"] = _FILLED if column.filled else _COLOURED
    override(panel, "byName", name, **properties)


_FILLED = parts.TableColoredBackgroundCellOptions(mode=parts.TableCellBackgroundDisplayMode.BASIC)
_COLOURED = parts.TableColorTextCellOptions()
