"""The axis of time below a drawing."""

from __future__ import annotations

from datetime import datetime

from dashboards.preview.axis import Scale, round_times
from dashboards.preview.scene import Scene
from dashboards.preview.svg import tag, text

_SIZE = 11.5


def time_axis(scene: Scene, scale: Scale, bottom: float, *, grid: bool) -> str:
    """Round times below the line `bottom`; grid: with lines up to the top."""
    begin, end = scene.window.begin, scene.window.end
    ahead = datetime.fromtimestamp(begin, scene.zone).utcoffset()
    offset = ahead.total_seconds() if ahead else 0.0
    parts = []
    for at in round_times(begin, end, max(2, int((scale.end - scale.begin) / 75)), offset):
        x = scale.at(at)
        if grid:
            parts.append(tag("line", x1=x, x2=x, y1=0, y2=bottom, stroke=scene.theme.grid))
        x = min(max(x, scale.begin + 14), scale.end - 14)
        parts.append(
            text(
                x, bottom + 15, scene.clock(at), scene.theme.quiet,
                font_size=_SIZE, text_anchor="middle",
            )
        )  # fmt: skip
    return "".join(parts)
