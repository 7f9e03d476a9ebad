"""The district and its sites: offices of the communes and towns, the district's own, mobile stations."""

from __future__ import annotations

import zoneinfo
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from inventory.document import StrictModel
from inventory.fields import Slug, Text, expected
from inventory.problem import did_you_mean, shown

Language = Literal["vi", "en"]


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, sorted(zoneinfo.available_timezones()))
        message = f"expected a time zone such as Asia/Ho_Chi_Minh, found {shown(name)}{hint}"
        raise expected(message) from None
    return name


class SiteKind(StrEnum):
    """What a site is."""

    DISTRICT = "district"
    TOWN = "town"
    COMMUNE = "commune"
    STATION = "station"


class District(StrictModel):
    """The whole that one collector looks after. timezone: IANA name, for reports and pages."""

    id: Slug
    name: Text
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Ho_Chi_Minh"
    language: Language = "vi"


class Site(StrictModel):
    """A place with equipment. parent: the site it belongs to, None at the top; people: who work there."""

    id: Slug
    name: Text
    kind: SiteKind
    parent: Slug | None = None
    people: int | None = Field(default=None, ge=0)
