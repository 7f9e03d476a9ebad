"""The lines between devices."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from inventory.document import StrictModel
from inventory.fields import Slug, Text, expected
from inventory.problem import shown


class LinkKind(StrEnum):
    """What a line is made of."""

    FIBER = "fiber"
    BROADBAND = "broadband"
    CELLULAR = "cellular"
    LAN = "lan"
    LEASED = "leased"


def _end(value: str) -> str:
    device, slash, port = (part.strip() for part in value.partition("/"))
    if not (device and slash and port) or len(value) > 128:
        raise expected(f"expected device/port such as olt-1/gpon-0-1, found {shown(value)}")
    return f"{device}/{port}"


End = Annotated[str, AfterValidator(_end), Field(json_schema_extra={"pattern": "^[^/]+/.+$"})]
"""`device/port`; whatever follows the first slash is the port's name as the device says it."""


class Link(StrictModel):
    """A line with two ends, the end nearer to the district first. carrier: who runs it."""

    id: Slug
    kind: LinkKind
    ends: tuple[End, End]
    carrier: Text | None = None

    @property
    def end_devices(self) -> tuple[str, str]:
        """The ids of the two devices."""
        return self.ends[0].partition("/")[0], self.ends[1].partition("/")[0]

    @property
    def end_ports(self) -> tuple[str, str]:
        """The names of the two ports."""
        return self.ends[0].partition("/")[2], self.ends[1].partition("/")[2]

    @model_validator(mode="after")
    def _joins_two(self) -> Self:
        if self.end_devices[0] == self.end_devices[1]:
            raise expected(f"expected two devices, both ends are on {self.end_devices[0]}")
        return self
