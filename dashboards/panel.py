"""What every panel has: a title and a description in both languages, a size, queries and a look."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import dashboard as grafana
from grafana_foundation_sdk.models.prometheus import Dataquery as PrometheusQuery
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.expression import Expression
from dashboards.language import Language, Text
from dashboards.links import field_links
from dashboards.look import Look

SOURCE = grafana.DataSourceRef(type_val="prometheus", uid="${datasource}")
MIN_STEP = "1m"
"""Nothing is measured much more often; rates need four of these whatever the data source is set to."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. width: of 24 columns; height: in rows of the grid. make: the panel for Grafana in one
    language, without its number and place.
    """

    title: Text
    about: Text
    width: int
    height: int
    make: Callable[[Language], grafana.Panel]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, and what a series is called: words that may name labels, as in `{{device}}`."""

    expression: Expression
    legend: Text
    colour: str | None = None

    def __post_init__(self) -> None:
        for words in (self.legend.vi, self.legend.en):
            named = set(re.findall(r"\{\{(\w+)\}\}", words))
            if not named <= set(self.expression.labels):
                raise ValueError(f"{words!r} names labels that {self.expression} has not")


def ask(expression: Expression, legend: Text | str, colour: str | None = None) -> Query:
    """A query; a legend that is only labels needs no second language."""
    words = Text(legend, legend) if isinstance(legend, str) else legend
    return Query(expression, words, colour)


def targets(
    queries: Sequence[Query], language: Language, *, instant: bool, table: bool = False
) -> list[PrometheusQuery]:
    """The queries as Grafana keeps them, named A, B, C …"""
    made = []
    for place, query in enumerate(queries):
        builder = Dataquery().expr(query.expression.promql).ref_id(ref_of(place))
        builder = builder.legend_format(query.legend.to(language)).interval(MIN_STEP)
        builder = builder.datasource(SOURCE)
        builder = builder.instant() if instant else builder.range()
        shape = PromQueryFormat.TABLE if table else PromQueryFormat.TIME_SERIES
        made.append(builder.format(shape).build())
    return made


def ref_of(place: int) -> str:
    """The name of the query at a place."""
    return chr(ord("A") + place)


def dressed(
    panel: grafana.Panel, title: Text, about: Text, language: Language, look: Look
) -> grafana.Panel:
    """With what every kind of panel has; the kind's own field options are kept."""
    panel.title, panel.description = title.to(language), about.to(language)
    panel.datasource = SOURCE
    config = panel.field_config or grafana.FieldConfigSource()
    custom = config.defaults.custom
    config.defaults = look.field(language)
    config.defaults.custom = custom
    panel.field_config = config
    return panel


def linked(panel: grafana.Panel, queries: Sequence[Query], language: Language) -> grafana.Panel:
    """With links to the device or site, where every series names one."""
    shared = set.intersection(*(set(query.expression.labels) for query in queries))
    links = field_links(shared, language)
    if links and panel.field_config is not None:
        panel.field_config.defaults.links = links
    return panel


def override(
    panel: grafana.Panel, matcher: str, value: object, **properties: object
) -> grafana.Panel:
    """With properties of its own for some fields; `custom__width` stands for `custom.width`."""
    config = panel.field_config or grafana.FieldConfigSource()
    config.overrides.append(
        grafana.DashboardFieldConfigSourceOverrides(
            matcher=grafana.MatcherConfig(id_val=matcher, options=value),
            properties=[
                grafana.DynamicConfigValue(id_val=name.replace("__", "."), value=setting)
                for name, setting in properties.items()
            ],
        )
    )
    panel.field_config = config
    return panel


def painted(panel: grafana.Panel, queries: Sequence[Query]) -> grafana.Panel:
    """With the colours that queries ask for."""
    for place, query in enumerate(queries):
        if query.colour:
            colour = grafana.FieldColor(
                mode=grafana.FieldColorModeId.FIXED, fixed_color=query.colour
            )
            override(panel, "byFrameRefID", ref_of(place), color=colour)
    return panel
