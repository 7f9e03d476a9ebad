"""Announced work: what is touched, from when until when, and why."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from inventory.document import StrictModel
from inventory.fields import OneOrMore, Slug, Text, expected
from inventory.problem import closed_list, did_you_mean, shown

KINDS = ("site", "device", "link", "service")
_REFERENCE = re.compile(r"^([a-z]+):\s*(\S+)$")


def _reference(value: str) -> str:
    found = _REFERENCE.match(value)
    if not found:
        raise expected(f"expected kind:id such as site:bac-binh, found {shown(value)}")
    if found[1] not in KINDS:
        hint = did_you_mean(found[1], KINDS)
        raise expected(f"expected {closed_list(KINDS)} before the colon, found {found[1]}{hint}")
    return f"{found[1]}:{found[2]}"


class Maintenance(StrictModel):
    """A window during which what is touched is excused. what: `site:ID`, `device:ID`, `link:ID`,
    `service:ID`; until is the first moment after the window.
    """

    id: Slug
    what: Annotated[
        tuple[Annotated[str, AfterValidator(_reference)], ...], OneOrMore, Field(min_length=1)
    ]
    from_: AwareDatetime = Field(validation_alias="from", serialization_alias="from")
    until: AwareDatetime
    why: Text = "maintenance"

    def covers(self, at: float) -> bool:
        """Whether `at` (seconds since 1970) lies within the window."""
        return self.from_.timestamp() <= at < self.until.timestamp()

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.until <= self.from_:
            raise expected("expected until to be later than from")
        return self
