"""How values look: unit, range, thresholds and words, derived from the catalogue and the expectations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grafana_foundation_sdk.models import dashboard as grafana
from grafana_foundation_sdk.models import units

from dashboards import colours
from dashboards.language import Language, Text
from dashboards.words import Named
from inventory.device_class import DeviceClass
from inventory.expectation import CLASS_LIMITS, DEFAULT_LIMITS
from inventory.limit import Limit
from telemetry.catalogue import Metric

UNITS: dict[str, str] = {
    "": units.Short,
    "ratio": units.PercentUnit,
    "seconds": units.Seconds,
    "bytes": units.BytesIEC,
    "bytes_per_second": units.BytesPerSecondIEC,
    "bits_per_second": units.BitsPerSecondSI,
    "celsius": units.Celsius,
    "volts": units.Volt,
    "amperes": units.Ampere,
    "dbm": units.DecibelMilliWatt,
    "db": units.Decibel,
    "plain": "none",
    "per_second": units.CountsPerSecond,
    "packets_per_second": units.PacketsPerSecond,
}
"""Grafana's unit of each unit of the catalogue, and of those that expressions make of them."""


_DECIMALS = {"dbm": 1, "db": 1}
"""Where Grafana's own choice hides what matters: a fibre dies within two dBm."""


@dataclass(frozen=True, slots=True)
class Step:
    """From `value` on (None: from the beginning) a value has this colour."""

    value: float | None
    colour: str


@dataclass(frozen=True, slots=True)
class Look:
    """Of the values of a panel, or of one column. unit: of the catalogue; steps: thresholds."""

    unit: str = ""
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    steps: tuple[Step, ...] = (Step(None, colours.PLAIN),)
    words: tuple[Named, ...] = ()
    nothing: Text | None = None

    def field(self, language: Language) -> grafana.FieldConfig:
        """As Grafana's field configuration, without a panel's own part; coloured by the thresholds."""
        return grafana.FieldConfig(
            unit=UNITS[self.unit],
            decimals=self.decimals,
            min_val=self.least,
            max_val=self.most,
            thresholds=grafana.ThresholdsConfig(
                mode=grafana.ThresholdsMode.ABSOLUTE,
                steps=[grafana.Threshold(value=s.value, color=s.colour) for s in self.steps],
            ),
            color=grafana.FieldColor(mode=grafana.FieldColorModeId.THRESHOLDS),
            mappings=value_mappings(self.words, language),
            no_value=self.nothing.to(language) if self.nothing else None,
        )


def value_mappings(words: Iterable[Named], language: Language) -> list[grafana.ValueMapping]:
    """Numbers as words and colours."""
    return text_mappings(
        {f"{named.code:g}": (named.words, named.colour) for named in words}, language
    )


def text_mappings(
    words: Mapping[str, tuple[Text, str | None]], language: Language
) -> list[grafana.ValueMapping]:
    """Values of a label as words, and as colours where they have one."""
    if not words:
        return []
    options = {
        value: grafana.ValueMappingResult(text=text.to(language), color=colour)
        for value, (text, colour) in words.items()
    }
    return [grafana.ValueMap(options=options)]


def expected(
    judged: Metric | str, *, of: DeviceClass | None = None, unit: str | None = None
) -> Look:
    """As the shipped limit of a metric, or of a rule, colours it. `of`: the class whose limit it is."""
    limit = limit_of(judged, of)
    known = judged.unit if isinstance(judged, Metric) else ""
    shown = known if unit is None else unit
    return Look(unit=shown, decimals=_DECIMALS.get(shown), steps=steps_of(limit))


def limit_of(judged: Metric | str, of: DeviceClass | None = None) -> Limit:
    """The shipped limit of a metric or a rule, for a class where it has an own one."""
    name = judged.name if isinstance(judged, Metric) else judged
    return (CLASS_LIMITS.get(of, {}).get(name) if of else None) or DEFAULT_LIMITS[name]


def plain(metric: Metric) -> Look:
    """Only in the metric's unit: there is no limit to it."""
    return Look(unit=metric.unit, decimals=_DECIMALS.get(metric.unit))


def steps_of(limit: Limit) -> tuple[Step, ...]:
    """A limit as thresholds. Grafana's steps hold from their value upwards."""
    critical = Step(limit.critical, colours.BAD)
    if limit.direction == "above":
        degraded = Step(limit.degraded, colours.POOR)
        steps = [Step(None, colours.GOOD), degraded, critical]
        return tuple(step for step in steps if step is steps[0] or step.value is not None)
    if limit.critical is None:
        return (Step(None, colours.POOR), Step(limit.degraded, colours.GOOD))
    return (
        Step(None, colours.BAD),
        Step(limit.critical, colours.POOR),
        Step(limit.degraded, colours.GOOD),
    )


def silence() -> Look:
    """How long nothing has come: trouble from where the shipped limit calls an agent silent."""
    steps = (Step(None, colours.GOOD), Step(limit_of("agent_silent").for_seconds, colours.BAD))
    return Look(unit="seconds", decimals=0, steps=steps)


def counted(bad: str, *, from_: float = 1) -> Look:
    """A number of things of which there should be none."""
    return Look(decimals=0, steps=(Step(None, colours.GOOD), Step(from_, bad)))


def worded(words: tuple[Named, ...]) -> Look:
    """A number that people read as a word."""
    return Look(words=words)


def quiet(look: Look, nothing: Text) -> Look:
    """With words for when there is nothing to show, which is good news here and not a fault."""
    return replace(look, nothing=nothing)


def bounded(look: Look, least: float | None, most: float | None) -> Look:
    """With a fixed range."""
    return replace(look, least=least, most=most)
