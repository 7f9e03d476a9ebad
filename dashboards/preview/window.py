"""The time that is shown, and what Grafana would put in for a board's variables and its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.source import Source

MIN_STEP_SECONDS = 60
_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400)
_LABEL_VALUES = re.compile(r"label_values\((?P<selector>.+), (?P<label>\w+)\)")
_USED = re.compile(r"\$(?:(\w+)|\{(\w+)(?::\w+)?\})")


@dataclass(frozen=True, slots=True)
class Window:
    """From `begin` to `end`, seconds since 1970."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.begin

    def step(self, pixels: int) -> int:
        """How far apart the points of a drawing of this width are, after Grafana's manner."""
        wanted = self.seconds / max(pixels, 1)
        return next((step for step in _STEPS if step >= wanted), _STEPS[-1])

    def built_in(self, step: int) -> dict[str, str]:
        """Grafana's own variables."""
        return {
            "__interval": f"{step}s",
            "__rate_interval": f"{max(step + MIN_STEP_SECONDS, 4 * MIN_STEP_SECONDS)}s",
            "__range": f"{self.seconds:.0f}s",
        }


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for each variable of a board: the text that a query gets, and that people see."""

    values: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)

    def put_into(self, text: str, more: Mapping[str, str]) -> str:
        """The text with every variable put in. Raises NotDrawnError for one that nobody knows."""
        known = {**self.values, **more}

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if name not in known:
                raise NotDrawnError(f"{text!r} uses the variable {name}, which nobody sets")
            return known[name]

        return _USED.sub(value, text)


def choose(
    board: Mapping[str, Any], source: Source, window: Window, wanted: Mapping[str, str]
) -> Chosen:
    """The variables of a board: as wanted, else everything, else the first that the store knows."""
    values: dict[str, str] = {}
    shown: dict[str, str] = {}
    for variable in board["templating"]["list"]:
        name, chosen = variable["name"], Chosen(values)
        if variable["type"] == "query":
            options = options_of(variable, source, window, chosen)
            value = wanted.get(name) or _first(variable, options)
            text = variable["current"]["text"][0] if value == variable.get("allValue") else value
        elif variable["type"] in ("datasource", "textbox"):
            value = wanted.get(name) or str(variable.get("query", ""))
            text = value if variable["type"] == "textbox" else "Prometheus"
        else:
            raise NotDrawnError(f"variables of the type {variable['type']} are not known")
        values[name], shown[variable.get("label") or name] = value, text
    return Chosen(values, shown)


def options_of(
    variable: Mapping[str, Any], source: Source, window: Window, chosen: Chosen
) -> Sequence[str]:
    """What a query variable offers, given what was chosen for those before it."""
    query = chosen.put_into(variable["query"]["query"], {})
    found = _LABEL_VALUES.fullmatch(query)
    if found is None:
        raise NotDrawnError(f"{query!r}: only label_values(selector, label) is known")
    return source.label_values(found["selector"], found["label"], window.begin, window.end)


def _first(variable: Mapping[str, Any], options: Sequence[str]) -> str:
    if variable.get("includeAll"):
        return str(variable["allValue"])
    return options[0] if options else ""
