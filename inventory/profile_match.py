"""By what a device is recognised: what it says about itself, and what only it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from pydantic import Field, model_validator

from inventory.device_class import DeviceClass
from inventory.document import StrictModel
from inventory.fields import expected
from inventory.profile_step import Oid, Pattern

GENERIC_IDENTITIES = ("1.3.6.1.4.1.8072.3.2", "1.3.6.1.4.1.2021.250", "1.3.6.1.2.1.33")
"""sysObjectIDs that many makers ship unchanged: of net-snmp, of its ancestor, of the UPS-MIB itself."""
ENTERPRISES = "1.3.6.1.4.1"

Rank = tuple[int, ...]
"""How surely something matches; compared like any tuple, the greater the surer."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a device says: sysObjectID in figures, sysDescr, and clean answers to probing questions by OID."""

    object_id: str = ""
    descr: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def generic(self) -> bool:
        """Whether its sysObjectID says nothing about its maker."""
        return not under(self.object_id, ENTERPRISES) or any(
            under(self.object_id, prefix) for prefix in GENERIC_IDENTITIES
        )


class Probe(StrictModel):
    """A question that tells devices of one identity apart: an object with its instance, and the pattern that
    its answer must hold.
    """

    oid: Oid
    pattern: Pattern = "."


class Match(StrictModel):
    """One way to recognise a family: every part that is given must hold. oid: sysObjectID begins with it,
    on arc boundaries; descr: a pattern in sysDescr; contains: words in it; not: a pattern that must not be
    in it; probe: asked only where the rest holds. priority: over everything else. class, vendor: where
    they differ from the family's.
    """

    oid: Oid | None = None
    descr: Pattern | None = Field(default=None, min_length=1)
    contains: str | None = Field(default=None, min_length=1)
    not_: Pattern | None = Field(default=None, validation_alias="not", serialization_alias="not")
    probe: Probe | None = None
    priority: int = 0
    class_: DeviceClass | None = Field(
        default=None, validation_alias="class", serialization_alias="class"
    )
    vendor: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.oid or self.descr or self.contains or self.probe):
            raise expected("expected at least one of oid, descr, contains or probe")
        return self

    def possible(self, said: Said) -> bool:
        """Whether it holds, but for its probe."""
        if self.oid is None and self.probe is not None and not said.generic:
            return False  # a device that says who made it is not asked about other makers
        return (
            (self.oid is None or under(said.object_id, self.oid))
            and (self.descr is None or _found(self.descr, said.descr))
            and (self.contains is None or self.contains.lower() in said.descr.lower())
            and not (self.not_ and _found(self.not_, said.descr))
        )

    def rank(self, said: Said) -> Rank | None:
        """How surely it matches; None when it does not.

        A longer prefix is surer, then a probe, then words; where the sysObjectID is nobody's own, the
        probe comes first.
        """
        if not self.possible(said):
            return None
        if self.probe is not None:
            answer = said.answers.get(self.probe.oid)
            if answer is None or not _found(self.probe.pattern, answer):
                return None
        arcs = self.oid.count(".") + 1 if self.oid else 0
        words = int(bool(self.descr or self.contains))
        probed = int(self.probe is not None)
        if said.generic:
            return (self.priority, probed, words, arcs)
        return (self.priority, arcs, probed, words)

    def why(self) -> str:
        """What held, in words."""
        parts = []
        if self.oid is not None:
            parts.append(f"sysObjectID is under {self.oid}")
        if self.descr is not None:
            parts.append(f"sysDescr matches {self.descr!r}")
        if self.contains is not None:
            parts.append(f"sysDescr contains {self.contains!r}")
        if self.probe is not None:
            parts.append(f"{self.probe.oid} answers {self.probe.pattern!r}")
        return ", ".join(parts)


def under(oid: str, prefix: str) -> bool:
    """Whether `oid` is `prefix` or lies below it, on arc boundaries."""
    return f"{oid}.".startswith(f"{prefix}.")


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
