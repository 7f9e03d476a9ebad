"""Device profiles: which product family answers, told from what it says about itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import Field

from inventory.device_class import DeviceClass
from inventory.document import StrictModel, read_document
from inventory.fields import Slug, Text

GENERIC = "generic"
"""The profile of a device that no other matches: standard MIBs only."""


class Match(StrictModel):
    """One way to recognise a family: every part that is given must hold. oid: sysObjectID begins with it,
    on arc boundaries; descr: sysDescr contains it, capitals or not.
    """

    oid: str | None = Field(default=None, pattern=r"^\d+(\.\d+)+$")
    descr: str | None = Field(default=None, min_length=1)

    def strength(self, sysobjectid: str, sysdescr: str) -> int:
        """How surely it matches: 0 not at all; a longer prefix is surer, a text in sysDescr breaks ties."""
        arcs = 0
        if self.oid is not None:
            if not f"{sysobjectid}.".startswith(f"{self.oid}."):
                return 0
            arcs = self.oid.count(".") + 1
        if self.descr is not None and self.descr.lower() not in sysdescr.lower():
            return 0
        return 2 * arcs + (self.descr is not None)


class Profile(StrictModel):
    """A product family. class, vendor: what a device of this family is and who made it; vendor empty when
    the device must say so itself.
    """

    id: Slug
    text: Text
    class_: DeviceClass = Field(validation_alias="class", serialization_alias="class")
    vendor: str = ""
    match: tuple[Match, ...] = ()

    def strength(self, sysobjectid: str, sysdescr: str) -> int:
        """The best of its matches."""
        return max((m.strength(sysobjectid, sysdescr) for m in self.match), default=0)


def profiles_folder() -> Path:
    """Where the shipped profiles are."""
    return Path(__file__).parent / "profiles"


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """The profiles of this release, by id. Read once per process: they are part of the program."""
    files = sorted(profiles_folder().glob("*.yaml"))
    return tuple(read_document(path, Profile) for path in files)


def identify(sysobjectid: str, sysdescr: str, profiles: Sequence[Profile] | None = None) -> Profile:
    """The family of a device that says `sysobjectid` (numeric, with or without leading dot) and
    `sysdescr`; the generic one when none matches. The longest prefix wins.
    """
    known = shipped_profiles() if profiles is None else profiles
    oid = sysobjectid.strip().strip(".")
    best = max(known, key=lambda profile: profile.strength(oid, sysdescr))
    if best.strength(oid, sysdescr) > 0:
        return best
    return next(profile for profile in known if profile.id == GENERIC)
