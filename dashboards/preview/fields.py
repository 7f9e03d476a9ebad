"""What Grafana's field configuration makes of a value: text, colour, and the panel's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.figures import written
from dashboards.preview.frames import Cell
from dashboards.preview.theme import Theme

_COLOUR_MODES = ("fixed", "thresholds", "palette-classic")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as people see it; colour: a shade `#rrggbb`."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Field:
    """The configuration that holds for one series or column."""

    settings: Mapping[str, Any]
    custom: Mapping[str, Any]

    @property
    def unit(self) -> str:
        """Grafana's name of the unit."""
        return str(self.settings.get("unit") or "none")

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        """The thresholds, the base first."""
        return list((self.settings.get("thresholds") or {}).get("steps", ()))

    def fixed_colour(self) -> str | None:
        """The colour that was set by hand, by name."""
        colour = self.settings.get("color") or {}
        if colour.get("mode") not in (None, *_COLOUR_MODES):
            raise NotDrawnError(f"colours by {colour['mode']} are not known")
        return colour.get("fixedColor") if colour.get("mode") == "fixed" else None

    def show(self, value: Cell, theme: Theme) -> Shown:
        """A value as text and colour: mapped to a word, or with its unit and threshold."""
        word = self._word(value)
        if isinstance(value, str):
            return word_of(word, value, theme.text, theme)
        if value is None:
            return Shown(str(self.settings.get("noValue") or ""), theme.quiet)
        colour = theme.colour(self.fixed_colour() or self._step(value))
        if word is not None:
            return word_of(word, f"{value:g}", colour, theme)
        return Shown(written(value, self.unit, self.settings.get("decimals")), colour)

    def words(self) -> list[tuple[float, Mapping[str, Any]]]:
        """The numbers that are shown as words."""
        return [
            (float(value), word)
            for mapping in self.settings.get("mappings") or ()
            for value, word in mapping["options"].items()
        ]

    def _word(self, value: Cell) -> Mapping[str, Any] | None:
        key = value if isinstance(value, str) else f"{value:g}" if value is not None else ""
        for mapping in self.settings.get("mappings") or ():
            if mapping["type"] != "value":
                raise NotDrawnError(f"value mappings of the type {mapping['type']} are not known")
            if key in mapping["options"]:
                return dict(mapping["options"][key])
        return None

    def _step(self, value: float) -> str:
        colour = "text"
        for step in self.steps:
            if step["value"] is None or value >= step["value"]:
                colour = step["color"]
        return colour


def word_of(word: Mapping[str, Any] | None, text: str, colour: str, theme: Theme) -> Shown:
    """A mapped value, or the text itself where there is no word for it."""
    if word is None:
        return Shown(text, colour)
    return Shown(str(word["text"]), theme.colour(word["color"]) if word.get("color") else colour)


def field_of(panel: Mapping[str, Any], *, name: str, ref: str = "") -> Field:
    """The configuration of the field with this name, or of the series of this query."""
    config = panel["fieldConfig"]
    settings = dict(config["defaults"])
    custom = dict(settings.pop("custom", None) or {})
    for override in config["overrides"]:
        if _fits(override["matcher"], name, ref):
            for item in override["properties"]:
                where = custom if item["id"].startswith("custom.") else settings
                where[item["id"].removeprefix("custom.")] = item["value"]
    return Field(settings, custom)


def _fits(matcher: Mapping[str, Any], name: str, ref: str) -> bool:
    match matcher["id"]:
        case "byName":
            return bool(matcher["options"] == name)
        case "byFrameRefID":
            return bool(matcher["options"] == ref)
    raise NotDrawnError(f"overrides for {matcher['id']} are not known")
