"""A panel to which the store has no answer says so, as in Grafana."""

from __future__ import annotations

from dashboards.preview.scene import Scene
from dashboards.preview.svg import drawing, text


def no_data(scene: Scene) -> str:
    """The words in the middle of the panel."""
    words = scene.panel.get("fieldConfig", {}).get("defaults", {}).get("noValue") or "No data"
    middle = scene.width / 2
    line = text(
        middle, scene.height / 2, words, scene.theme.quiet, text_anchor="middle", font_size=14
    )
    return drawing(scene.width, scene.height, line)
