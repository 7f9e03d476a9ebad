"""How a profile gets one metric of the catalogue out of a device: where it stands, what is done with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from inventory.document import StrictModel
from inventory.fields import Text, expected
from inventory.problem import closed_list, did_you_mean, shown
from inventory.profile_step import Oid, Pattern, Raw, StepField
from telemetry.catalogue import CATALOGUE, Kind, Metric, Scope

METRICS = {
    name: metric
    for name, metric in CATALOGUE.items()
    if metric.scope is Scope.DEVICE and metric.kind is Kind.GAUGE
}
"""What a profile may yield. Counters need memory and evidence of restarts; the interface reader has them."""

LABEL_WORDS = ("index", "interface", "entity", "entity-interface", "column", "text")
_SOURCE = re.compile(r"^(?:(index|interface)(?: ([1-9]\d?))?|(entity|entity-interface))$")


class Confidence(StrEnum):
    """How well it is known that an object means what the profile says, best first.

    site: checked against the device's own display at a site. recording: a real device was recorded with a
    value that only fits this meaning. mib: the MIB says so, no device was seen. projects, one_project:
    other monitors use it so.
    """

    SITE = "site"
    RECORDING = "recording"
    MIB = "mib"
    PROJECTS = "projects"
    ONE_PROJECT = "one_project"

    @property
    def proven(self) -> bool:
        """Whether a judgement may stand on it."""
        return self in (Confidence.SITE, Confidence.RECORDING)


class Evidence(StrictModel):
    """Where a metric's object comes from, and how sure that is. note: what bends the rule."""

    source: Text
    conf: Confidence
    note: str = ""


class States(StrictModel):
    """What the figures of an enumeration mean; those in no list, and in unknown, give no reading.

    ok reads 1; warn and crit read 0.
    """

    ok: tuple[Raw, ...] = ()
    warn: tuple[Raw, ...] = ()
    crit: tuple[Raw, ...] = ()
    unknown: tuple[Raw, ...] = ()


class Condition(StrictModel):
    """Which rows of a table count: those where another column, or an arc of the row's own index (counted
    from 1), holds, or does not hold, one of some values. A cell that is missing holds nothing.
    """

    column: Oid | None = None
    arc: int | None = Field(default=None, ge=1, le=99)
    in_: tuple[Raw, ...] = Field(default=(), validation_alias="in", serialization_alias="in")
    not_in: tuple[Raw, ...] = ()
    matches: Pattern = ""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.column is None) == (self.arc is None):
            raise expected("expected either column or arc")
        return self


class ProfileMetric(StrictModel):
    """One metric. column: a column of a table, a reading a row; scalar: a single object with its instance.

    alt: others that say the same on other firmware; the first that answers counts. labels: for each label
    of the metric where its value comes from (see `LABEL_WORDS`). take: which of many rows counts where
    the metric has no label. decode: steps in order, or states. invalid: raw values that mean nothing;
    dark: raw values that mean no light, read as -40 dBm.
    range: what is believed after decoding, both ends included. poll: fast is every poll, medium every five
    minutes, slow every hour.
    """

    metric: str
    column: Oid | None = None
    scalar: Oid | None = None
    alt: tuple[Oid, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    take: Literal["first", "max", "min", "sum", "mean"] = "first"
    when: tuple[Condition, ...] = ()
    decode: tuple[StepField, ...] = ()
    states: States | None = None
    invalid: tuple[Raw, ...] = ()
    dark: tuple[Raw, ...] = ()
    range: tuple[float, float] | None = None
    poll: Literal["fast", "medium", "slow"] = "fast"
    evidence: Evidence

    @field_validator("metric")
    @classmethod
    def _known_metric(cls, value: str) -> str:
        if value in METRICS:
            return value
        if value in CATALOGUE:
            raise expected(f"the metric {value} is no gauge of a device; a profile cannot yield it")
        raise expected(f"there is no metric {shown(value)}{did_you_mean(value, METRICS)}")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.column is None) == (self.scalar is None):
            raise expected("expected either column or scalar")
        if self.states is not None and self.decode:
            raise expected("expected either decode or states")
        if self.range is not None and self.range[0] > self.range[1]:
            raise expected("expected a range whose first number is the smaller one")
        if self.scalar is not None and (self.when or self.take != "first"):
            raise expected("only a column has rows: when and take have no place beside a scalar")
        self._check_labels()
        return self

    def _check_labels(self) -> None:
        wanted = self.kind.labels
        if set(self.labels) != set(wanted):
            names = closed_list(wanted) if wanted else "no label"
            raise expected(f"{self.metric} takes {names}, found {closed_list(self.labels)}")
        for source in self.labels.values():
            word, _, argument = source.partition(" ")
            good = word == "text" and bool(argument.strip())
            if self.column is not None:
                column = word == "column" and _is_oid(argument)
                good = good or column or bool(_SOURCE.match(source))
            if not good:
                words = closed_list(LABEL_WORDS if self.column else ("text",))
                raise expected(f"expected {words} as source of a label, found {shown(source)}")

    @property
    def kind(self) -> Metric:
        """The metric of the catalogue."""
        return METRICS[self.metric]

    @property
    def places(self) -> tuple[str, ...]:
        """Its column or scalar, then the alternatives."""
        return (self.column or self.scalar or "", *self.alt)

    def beside(self) -> Iterator[str]:
        """The other objects of the row that decoding needs."""
        return (step.oid for step in self.decode if step.oid)


def _is_oid(text: str) -> bool:
    return bool(re.fullmatch(r"[0-2](\.\d{1,10}){2,127}", text))
