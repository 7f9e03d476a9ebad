"""The colours of the boards, by Grafana's names: a theme, light or dark, decides on the shade."""

from __future__ import annotations

GOOD = "green"
FAIR = "yellow"
POOR = "orange"
BAD = "red"
CUT_OFF = "purple"
UNKNOWN = "#8e8e9a"
PLANNED = "blue"
PLAIN = "text"
"""For figures that are neither good nor bad."""
