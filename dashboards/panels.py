"""The kinds of panels, one call each: figures, tiles, courses, states over time, bars, words."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, common, stat, statetimeline, text, timeseries
from grafana_foundation_sdk.models import common as parts
from grafana_foundation_sdk.models import dashboard as grafana
from grafana_foundation_sdk.models.text import TextMode

from dashboards.language import Language, Text
from dashboards.look import Look
from dashboards.panel import Panel, Query, dressed, linked, painted, targets

FIGURE_HEIGHT = 4
COURSE_HEIGHT = 8


def figure(
    title: Text, about: Text, query: Query, look: Look, *, width: int = 4, course: bool = False
) -> Panel:
    """One large number or word on its colour. course: with its course behind it."""

    def make(language: Language) -> grafana.Panel:
        judged = len(look.steps) > 1 or look.words
        colour = parts.BigValueColorMode.BACKGROUND if judged else parts.BigValueColorMode.VALUE
        builder = stat.Panel().color_mode(colour)
        builder.graph_mode(parts.BigValueGraphMode.AREA if course else parts.BigValueGraphMode.NONE)
        builder.text_mode(parts.BigValueTextMode.VALUE)
        builder.reduce_options(_newest())
        panel = dressed(builder.build(), title, about, language, look)
        panel.targets = [*targets([query], language, instant=not course)]
        return linked(panel, [query], language)

    return Panel(title, about, width, FIGURE_HEIGHT, make)


def tiles(
    title: Text, about: Text, *queries: Query, look: Look, width: int = 24, height: int = 6
) -> Panel:
    """One coloured tile with a name for each series, in the order in which the store returns them."""

    def make(language: Language) -> grafana.Panel:
        builder = stat.Panel().color_mode(parts.BigValueColorMode.BACKGROUND)
        builder.graph_mode(parts.BigValueGraphMode.NONE)
        builder.text_mode(parts.BigValueTextMode.VALUE_AND_NAME)
        builder.justify_mode(parts.BigValueJustifyMode.CENTER).reduce_options(_newest())
        panel = dressed(builder.build(), title, about, language, look)
        panel.targets = [*targets(queries, language, instant=True)]
        return painted(linked(panel, queries, language), queries)

    return Panel(title, about, width, height, make)


def course(
    title: Text,
    about: Text,
    *queries: Query,
    look: Look,
    width: int = 12,
    height: int = COURSE_HEIGHT,
    stacked: bool = False,
) -> Panel:
    """Values over time; limits are dashed lines. stacked: as areas on one another."""

    def make(language: Language) -> grafana.Panel:
        builder = timeseries.Panel().line_width(1).fill_opacity(70 if stacked else 0)
        builder.show_points(parts.VisibilityMode.NEVER).span_nulls(False)
        builder.legend(legend()).tooltip(_all_at_once())
        if stacked:
            builder.stacking(
                common.StackingConfig().mode(parts.StackingMode.NORMAL).group("all")
            ).line_interpolation(parts.LineInterpolation.STEP_AFTER)
        if len(look.steps) > 1:
            style = common.GraphThresholdsStyleConfig()
            builder.thresholds_style(style.mode(parts.GraphThresholdsStyleMode.DASHED))
        panel = dressed(builder.build(), title, about, language, look)
        panel.targets = [*targets(queries, language, instant=False)]
        return painted(linked(in_turn(panel), queries, language), queries)

    return Panel(title, about, width, height, make)


def timeline(
    title: Text,
    about: Text,
    *queries: Query,
    look: Look,
    width: int = 24,
    height: int = COURSE_HEIGHT,
) -> Panel:
    """States over time, a band for each series."""

    def make(language: Language) -> grafana.Panel:
        builder = statetimeline.Panel().show_value(parts.VisibilityMode.NEVER)
        builder.merge_values(True).row_height(0.8).fill_opacity(85).line_width(0)
        builder.legend(legend()).tooltip(_all_at_once()).per_page(100)
        panel = dressed(builder.build(), title, about, language, look)
        panel.targets = [*targets(queries, language, instant=False)]
        return linked(panel, queries, language)

    return Panel(title, about, width, height, make)


def bars(
    title: Text,
    about: Text,
    *queries: Query,
    look: Look,
    width: int = 8,
    height: int = COURSE_HEIGHT,
) -> Panel:
    """One bar for each series; `look` says from where to where it reaches."""

    def make(language: Language) -> grafana.Panel:
        builder = bargauge.Panel().display_mode(parts.BarGaugeDisplayMode.BASIC)
        builder.orientation(parts.VizOrientation.HORIZONTAL).show_unfilled(True)
        builder.value_mode(parts.BarGaugeValueMode.COLOR)
        builder.name_placement(parts.BarGaugeNamePlacement.LEFT)
        builder.reduce_options(_newest())
        panel = dressed(builder.build(), title, about, language, look)
        panel.targets = [*targets(queries, language, instant=True)]
        return linked(panel, queries, language)

    return Panel(title, about, width, height, make)


def note(title: Text, about: Text, words: Text, *, width: int = 24, height: int = 3) -> Panel:
    """Words in Markdown."""

    def make(language: Language) -> grafana.Panel:
        builder = text.Panel().mode(TextMode.MARKDOWN).content(words.to(language))
        panel = builder.build()
        panel.title, panel.description = title.to(language), about.to(language)
        return panel

    return Panel(title, about, width, height, make)


def in_turn(panel: grafana.Panel) -> grafana.Panel:
    """With a colour of its own for each series."""
    if panel.field_config is not None:
        colour = grafana.FieldColor(mode=grafana.FieldColorModeId.PALETTE_CLASSIC)
        panel.field_config.defaults.color = colour
    return panel


def legend() -> common.VizLegendOptions:
    """Names below the drawing."""
    options = common.VizLegendOptions().display_mode(parts.LegendDisplayMode.LIST)
    return options.placement(parts.LegendPlacement.BOTTOM).show_legend(True)


def _all_at_once() -> common.VizTooltipOptions:
    tooltip = common.VizTooltipOptions().mode(parts.TooltipDisplayMode.MULTI)
    return tooltip.sort(parts.SortOrder.DESCENDING)


def _newest() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")
