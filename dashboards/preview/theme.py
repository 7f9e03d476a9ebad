"""Grafana's two themes: the colours of its surfaces, and the shades behind its colour names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dashboards.preview.errors import NotDrawnError


@dataclass(frozen=True, slots=True)
class Theme:
    """Surfaces and shades. on_colour: text upon a coloured surface is white or black by its lightness."""

    page: str
    panel: str
    border: str
    text: str
    quiet: str
    grid: str
    link: str
    shades: Mapping[str, str]

    def colour(self, name: str) -> str:
        """The shade behind a name of Grafana's, or a colour given as such."""
        if name.startswith("#"):
            return name
        if name == "text":
            return self.text
        if name not in self.shades:
            raise NotDrawnError(f"the colour {name!r} is not known")
        return self.shades[name]

    def series(self, number: int) -> str:
        """The shade of the n-th series of a course (Grafana's classic palette)."""
        return self.colour(_CLASSIC[number % len(_CLASSIC)])


_CLASSIC = (
    "green", "semi-dark-yellow", "light-blue", "semi-dark-orange", "red", "blue", "purple", "#705DA0",
    "dark-green", "yellow", "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477",
    "#B7DBAB", "#F4D598", "#70DBED", "#F9BA8F", "#F29191", "#82B5D8", "#E5A8E2", "#AEA2E0",
)  # fmt: skip

DARK = Theme(
    "#111217", "#181b1f", "#2a2c33", "#ccccdc", "#8e8e9b", "#25282e", "#6e9fff",
    {
        "green": "#73bf69", "yellow": "#fade2a", "orange": "#ff9830", "red": "#f2495c",
        "blue": "#5794f2", "purple": "#b877d9", "light-blue": "#8ab8ff",
        "dark-green": "#37872d", "semi-dark-yellow": "#f2cc0c", "semi-dark-orange": "#ff780a",
    },
)  # fmt: skip

LIGHT = Theme(
    "#f4f5f5", "#ffffff", "#dcdde0", "#24292e", "#6a6e76", "#e9eaec", "#1f62e0",
    {
        "green": "#56a64b", "yellow": "#f2cc0c", "orange": "#ff780a", "red": "#e02f44",
        "blue": "#3274d9", "purple": "#a352cc", "light-blue": "#5794f2",
        "dark-green": "#19730e", "semi-dark-yellow": "#e0b400", "semi-dark-orange": "#fa6400",
    },
)  # fmt: skip


class ThemeName(StrEnum):
    """How Grafana calls its themes."""

    DARK = "dark"
    LIGHT = "light"


THEMES = {ThemeName.DARK: DARK, ThemeName.LIGHT: LIGHT}


def upon(colour: str) -> str:
    """Black or white, whichever is better read upon a colour `#rrggbb`."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#111217" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"
