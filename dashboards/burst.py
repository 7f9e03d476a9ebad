"""A burst of pings over time in the manner of SmokePing: the median in the smoke of the others.

The smoke reaches from the shortest to the longest round trip, a thin line is the 90th percentile, and
each median is a dot in the colour of its burst's loss. A burst without any reply is a dot on the ground.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import common as parts
from grafana_foundation_sdk.models import dashboard as grafana

from dashboards import colours
from dashboards.expression import Expression, Filter, now
from dashboards.language import Language, Text
from dashboards.look import Look, limit_of, plain
from dashboards.panel import Panel, Query, ask, dressed, linked, override, ref_of, targets
from dashboards.panels import legend
from inventory.device_class import DeviceClass
from telemetry import catalogue as c

_ON = ("device", "site", "agent")
_SMOKE = "#8e8e9a"


def burst(
    title: Text, about: Text, *filters: Filter, of: DeviceClass | None = None, width: int = 24
) -> Panel:
    """The bursts of one device. `of`: the class whose limits divide the colours of the loss."""
    queries = [*_smoke(filters), *_medians(filters, of)]

    def make(language: Language) -> grafana.Panel:
        builder = timeseries.Panel().line_width(0).fill_opacity(0).legend(legend())
        builder.show_points(parts.VisibilityMode.NEVER).axis_soft_min(0)
        panel = dressed(builder.build(), title, about, language, _LOOK)
        panel.targets = [*targets(queries, language, instant=False)]
        _dress_smoke(panel, queries, language)
        for place, query in enumerate(queries[3:], start=3):
            override(
                panel,
                "byFrameRefID",
                ref_of(place),
                color=_fixed(query.colour or colours.PLAIN),
                custom__drawStyle=parts.GraphDrawStyle.POINTS,
                custom__showPoints=parts.VisibilityMode.ALWAYS,
                custom__pointSize=6,
            )
        return linked(panel, queries, language)

    return Panel(title, about, width, 10, make)


_LOOK: Look = plain(c.ICMP_RTT_MEDIAN)


def _smoke(filters: tuple[Filter, ...]) -> list[Query]:
    """Only of bursts that had a reply: a store shows the last value for minutes after it."""
    replied = now(c.ICMP_LOSS_RATIO, *filters).when("< 1")
    return [
        ask(now(metric, *filters).where(replied, *_ON), legend)
        for metric, legend in (
            (c.ICMP_RTT_MIN, Text("ngắn nhất", "shortest")),
            (c.ICMP_RTT_MAX, Text("từ ngắn nhất đến dài nhất", "from the shortest to the longest")),
            (c.ICMP_RTT_P90, Text("90 % nhanh hơn", "90 % are faster")),
        )
    ]


def _medians(filters: tuple[Filter, ...], of: DeviceClass | None) -> list[Query]:
    """The median, split by the loss of the same burst; the last one is the bursts without a reply."""
    limit = limit_of(c.ICMP_LOSS_RATIO, of)
    if limit.degraded is None or limit.critical is None:
        raise ValueError("the limit of the loss has to have both levels")
    degraded, critical = limit.degraded, limit.critical
    loss, median = now(c.ICMP_LOSS_RATIO, *filters), now(c.ICMP_RTT_MEDIAN, *filters)

    def losing(condition: str) -> Expression:
        return median.where(loss.when(condition), *_ON)

    under, over = f"{degraded:.0%}".replace("%", " %"), f"{critical:.0%}".replace("%", " %")
    return [
        ask(losing("== 0"), Text("trung vị, không mất gói", "median, nothing lost"), colours.GOOD),
        ask(
            losing(f"> 0 < {degraded:g}"),
            Text(f"trung vị, mất dưới {under}", f"median, less than {under} lost"),
            colours.FAIR,
        ),
        ask(
            losing(f">= {degraded:g} < {critical:g}"),
            Text(f"trung vị, mất {under} trở lên", f"median, {under} or more lost"),
            colours.POOR,
        ),
        ask(
            losing(f">= {critical:g} < 1"),
            Text(f"trung vị, mất {over} trở lên", f"median, {over} or more lost"),
            colours.BAD,
        ),
        ask(
            loss.when(">= 1").times(0, "seconds"),
            Text("không có trả lời nào", "no reply at all"),
            colours.BAD,
        ),
    ]


def _dress_smoke(panel: grafana.Panel, queries: list[Query], language: Language) -> None:
    shortest = queries[0].legend.to(language)
    smoke = _fixed(_SMOKE)
    hidden = {"tooltip": False, "viz": False, "legend": True}
    override(panel, "byFrameRefID", ref_of(0), color=smoke, custom__hideFrom=hidden)
    override(
        panel,
        "byFrameRefID",
        ref_of(1),
        color=smoke,
        custom__fillBelowTo=shortest,
        custom__fillOpacity=35,
    )
    override(panel, "byFrameRefID", ref_of(2), color=smoke, custom__lineWidth=1)


def _fixed(colour: str) -> grafana.FieldColor:
    return grafana.FieldColor(mode=grafana.FieldColorModeId.FIXED, fixed_color=colour)
