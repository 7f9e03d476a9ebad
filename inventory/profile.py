"""Device profiles: which product family answers, and what it is asked beyond the standard MIBs.

A profile is one YAML file in `inventory/profiles/`; those in its folder `mixin` are parts that others extend.
They are read once, resolved and checked; no MIB file is needed at run time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from inventory.check import CHECKS
from inventory.device_class import DeviceClass
from inventory.document import StrictModel, read_document
from inventory.expectation import Limit
from inventory.fields import Duration, Slug, Text, expected
from inventory.problem import did_you_mean, shown
from inventory.profile_match import Match as Match
from inventory.profile_match import Rank, Said
from inventory.profile_metric import METRICS, Evidence, ProfileMetric
from inventory.profile_step import Oid, Pattern
from telemetry.errors import ConfigError

OWN_PROFILES = "LTMON_PROFILES"
"""The environment variable that names a folder of further profiles, to try one before it is released."""

GENERIC = "generic"
"""The profile of a device that no other matches: standard MIBs only."""

STANDARD_GROUPS = ("interfaces", "processors", "ucd", "storage", "sensors", "states", "ups")
"""What every device is asked for by standard MIBs, unless its profile says `without`."""


class AgentQuirks(StrictModel):
    """How a family's SNMP agent wants to be asked; None where it wants nothing special.

    bulk: whether GETBULK is used. repetitions: rows a GETBULK. oids_per_get: objects a request. timeout:
    at least so long for an answer. uptime: the one clock to believe. port_key: what names a port.
    no_ports: kinds of ifTable's rows (IANAifType) that are layers or parts of a port and no ports themselves.
    """

    bulk: bool | None = None
    repetitions: int | None = Field(default=None, ge=1, le=50)
    oids_per_get: int | None = Field(default=None, ge=1, le=60)
    timeout: Duration | None = Field(default=None, le=30)
    uptime: Literal["system", "engine", "host"] | None = None
    port_key: Literal["name", "descr", "alias"] | None = None
    no_ports: tuple[int, ...] | None = None


class Saying(StrictModel):
    """Where a device says a word about itself: an object with its instance, or the first group of a pattern
    in sysDescr.
    """

    oid: Oid | None = None
    descr: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.oid is None) == (self.descr is None):
            raise expected("expected either oid or descr")
        if self.descr is not None and re.compile(self.descr).groups != 1:
            raise expected("expected a pattern with one group in brackets: the word itself")
        return self


class ProfileIdentity(StrictModel):
    """Where model, version and serial number stand, for devices whose ENTITY-MIB does not say."""

    model: Saying | None = None
    version: Saying | None = None
    serial: Saying | None = None


class Trap(StrictModel):
    """A notification and what it means. clear: the one that ends it; ask_again: metrics to ask for at once.
    A trap never decides alone.
    """

    oid: Oid
    event: Text
    clear: Oid | None = None
    ask_again: tuple[str, ...] = ()


class OtherCheck(StrictModel):
    """What another kind of check than SNMP reads of this family, and how well that is known."""

    check: str
    metrics: tuple[str, ...]
    evidence: Evidence


class Profile(StrictModel):
    """A product family. class, vendor: what a device of this family is and who made it; vendor empty when
    the device must say so itself. extends: ids whose metrics, quirks and identity count where this file is
    silent. without: standard groups that lie or do not exist here. sensor_tables: tables built like
    entPhySensorTable. limits: what the family's makers expect, over the shipped ones. other_checks:
    what is read otherwise.
    """

    id: Slug
    text: Text
    class_: DeviceClass = Field(validation_alias="class", serialization_alias="class")
    vendor: str = ""
    extends: tuple[Slug, ...] = ()
    match: tuple[Match, ...] = ()
    agent: AgentQuirks = AgentQuirks()
    identity: ProfileIdentity = ProfileIdentity()
    without: tuple[str, ...] = ()
    sensor_tables: tuple[Oid, ...] = ()
    metrics: tuple[ProfileMetric, ...] = ()
    limits: dict[str, Limit] = Field(default_factory=dict)
    traps: tuple[Trap, ...] = ()
    other_checks: tuple[OtherCheck, ...] = ()

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        for names, known, what in (
            (self.without, STANDARD_GROUPS, "standard group"),
            (self.limits, METRICS, "metric"),
            ([name for trap in self.traps for name in trap.ask_again], METRICS, "metric"),
            ([other.check for other in self.other_checks], CHECKS, "check"),
            ([name for other in self.other_checks for name in other.metrics], METRICS, "metric"),
        ):
            for name in names:
                if name not in known:
                    raise expected(f"there is no {what} {shown(name)}{did_you_mean(name, known)}")
        return self

    def best(self, said: Said) -> tuple[Rank, Match] | None:
        """The surest of its matches; None when none holds."""
        ranks = [(rank, match) for match in self.match if (rank := match.rank(said)) is not None]
        return max(ranks, key=lambda found: found[0], default=None)

    def over(self, base: Profile) -> Profile:
        """This profile with what `base` says where it is silent itself. A metric that is named here is
        not taken from there."""
        own = {metric.metric for metric in self.metrics}
        quirks = {**base.agent.model_dump(exclude_none=True)}
        quirks |= self.agent.model_dump(exclude_none=True)
        words = {name: getattr(self.identity, name) or getattr(base.identity, name)
                 for name in ProfileIdentity.model_fields}  # fmt: skip
        return self.model_copy(
            update={
                "agent": AgentQuirks(**quirks),
                "identity": ProfileIdentity(**words),
                "without": tuple(dict.fromkeys((*self.without, *base.without))),
                "sensor_tables": tuple(dict.fromkeys((*self.sensor_tables, *base.sensor_tables))),
                "metrics": (*self.metrics, *(m for m in base.metrics if m.metric not in own)),
                "limits": {**base.limits, **self.limits},
                "traps": (*self.traps, *base.traps),
                "other_checks": (*self.other_checks, *base.other_checks),
            }
        )


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which profile a device gets, what it therefore is, and why."""

    profile: Profile
    class_: DeviceClass
    vendor: str
    why: str


def profiles_folder() -> Path:
    """Where the shipped profiles are."""
    return Path(__file__).parent / "profiles"


def read_profiles(folder: Path, own: Path | None = None) -> tuple[Profile, ...]:
    """The profiles of a folder by id, resolved; those of a second folder over them. Raises ConfigError with
    one sentence.
    """
    folders = (folder,) if own is None else (folder, own)
    mixins = _by_id(path for each in folders for path in sorted(each.glob("mixin/*.yaml")))
    families = _by_id(path for each in folders for path in sorted(each.glob("*.yaml")))
    known = {**mixins, **families}
    return tuple(_resolved(profile, known, ()) for profile in families.values())


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """The profiles of this release, by id, and those of one's own folder. Read once per process: they are
    part of the program.
    """
    own = os.environ.get(OWN_PROFILES)
    if own and not Path(own).is_dir():
        raise ConfigError(f"{OWN_PROFILES}: there is no folder {own}.")
    return read_profiles(profiles_folder(), Path(own) if own else None)


def profile_of(profile_id: str) -> Profile | None:
    """The shipped profile of that id."""
    return next((profile for profile in shipped_profiles() if profile.id == profile_id), None)


def recognise(said: Said, profiles: Sequence[Profile] | None = None) -> Recognition:
    """The family of a device that says `said`; the generic one when none matches."""
    known = shipped_profiles() if profiles is None else profiles
    found = [(*best, profile) for profile in known if (best := profile.best(said)) is not None]
    if not found:
        generic = next(profile for profile in known if profile.id == GENERIC)
        return Recognition(generic, generic.class_, generic.vendor, "no profile matches")
    _, match, profile = max(found, key=lambda item: item[0])
    vendor = profile.vendor if match.vendor is None else match.vendor
    return Recognition(profile, match.class_ or profile.class_, vendor, match.why())


def identify(sysobjectid: str, sysdescr: str, profiles: Sequence[Profile] | None = None) -> Profile:
    """The family of a device that says `sysobjectid` (numeric, with or without leading dot) and
    `sysdescr`; the generic one when none matches.
    """
    return recognise(Said(sysobjectid.strip().strip("."), sysdescr), profiles).profile


def probes_for(said: Said, profiles: Sequence[Profile] | None = None) -> tuple[str, ...]:
    """The objects whose answers could change who the device is taken for."""
    known = shipped_profiles() if profiles is None else profiles
    matches = (match for profile in known for match in profile.match)
    oids = [m.probe.oid for m in matches if m.probe is not None and m.possible(said)]
    return tuple(dict.fromkeys(oids))


@dataclass(frozen=True, slots=True)
class Doubt:
    """A metric that must not alarm, because no real device has proven it yet. labels: those whose value the
    profile itself writes; a reading with other values of them is not meant.
    """

    metric: str
    labels: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1024)
def doubts(profile_id: str) -> tuple[Doubt, ...]:
    """What a profile is unsure of. None for a profile that does not exist.

    On the wire a reading does not tell from which object it came, so where nothing but the object tells them
    apart a metric is doubted as soon as one of its objects is.
    """
    profile = profile_of(profile_id)
    if profile is None:
        return ()
    asked = [_doubt(m) for m in profile.metrics if not m.evidence.conf.proven]
    others = [other for other in profile.other_checks if not other.evidence.conf.proven]
    return (*asked, *(Doubt(name) for other in others for name in other.metrics))


def _doubt(metric: ProfileMetric) -> Doubt:
    words = {name: source.partition(" ") for name, source in metric.labels.items()}
    return Doubt(
        metric.metric,
        tuple((name, text) for name, (word, _, text) in words.items() if word == "text"),
    )


def doubted(profile_id: str, metric: str, labels: Mapping[str, str]) -> bool:
    """Whether a reading of a device with this profile must not alarm."""
    return any(
        doubt.metric == metric and all(labels.get(name) == text for name, text in doubt.labels)
        for doubt in doubts(profile_id)
    )


def unproven(profile_id: str) -> frozenset[str]:
    """The metrics of a profile of which some reading must not alarm."""
    return frozenset(doubt.metric for doubt in doubts(profile_id))


@cache
def ever_unproven() -> frozenset[str]:
    """The metrics that at least one profile is unsure of."""
    return frozenset(name for profile in shipped_profiles() for name in unproven(profile.id))


def cost(profile: Profile) -> dict[str, int]:
    """How many objects (columns or scalars) a profile adds to what is asked, by poll class."""
    asked: dict[str, set[str]] = {"fast": set(), "medium": set(), "slow": set()}
    for metric in profile.metrics:
        asked[metric.poll].update((metric.places[0], *metric.beside()))
    return {name: len(oids) for name, oids in asked.items()}


def _by_id(paths: Iterable[Path]) -> dict[str, Profile]:
    found = {}
    for path in paths:
        profile = read_document(path, Profile)
        if profile.id != path.stem:
            raise ConfigError(f"{path}: the file must be called as its id, {profile.id}.yaml.")
        found[profile.id] = profile
    return found


def _resolved(profile: Profile, known: Mapping[str, Profile], above: tuple[str, ...]) -> Profile:
    for name in profile.extends:
        base = known.get(name)
        if base is None or name in (*above, profile.id):
            reason = "extends itself" if base else f"extends {shown(name)}, which does not exist"
            hint = "" if base else did_you_mean(name, known)
            raise ConfigError(f"profile {profile.id} {reason}{hint}" + ("" if hint else "."))
        profile = profile.over(_resolved(base, known, (*above, profile.id)))
    return profile
