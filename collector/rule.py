"""The contract of a rule: facts and the time in, findings with a reason out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collector.words import Sentence


class Severity(StrEnum):
    """How much a finding matters to the people at the office."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class HealthState(StrEnum):
    """What a target is at a moment: always exactly one of these."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    NOT_MEASURED = "not_measured"
    EXCUSED = "excused"


class Question(StrEnum):
    """Which question a finding answers."""

    LIMIT = "limit"  # against the limit that is expected of it
    PAST = "past"  # against its own past
    TWINS = "twins"  # against the same kind of equipment elsewhere


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong with a target or an agent, as one rule sees it.

    subject: `device:ID` or `agent:ID` (services are devices of class `service`). instance: the interface,
    sensor, volume … or empty. since: event time at which the trouble began. reason: one sentence with what was
    measured, what was expected. question: which of the three questions spoke.
    """

    rule: str
    subject: str
    site: str
    instance: str
    severity: Severity
    since: float
    reason: Sentence
    question: Question = Question.LIMIT

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding when it is seen again: rule, subject, instance."""
        return (self.rule, self.subject, self.instance)

    @property
    def target(self) -> str:
        """The id of the device, service or agent it speaks of."""
        return self.subject.partition(":")[2]
