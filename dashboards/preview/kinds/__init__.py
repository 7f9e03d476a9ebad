"""How each type of panel is drawn. This is their only list: any other type fails loudly."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboards.preview.kinds import bargauge, stat, statetimeline, table, text, timeseries
from dashboards.preview.scene import Scene

KINDS: Mapping[str, Callable[[Scene], str]] = {
    "bargauge": bargauge.draw,
    "stat": stat.draw,
    "state-timeline": statetimeline.draw,
    "table": table.draw,
    "text": text.draw,
    "timeseries": timeseries.draw,
}
