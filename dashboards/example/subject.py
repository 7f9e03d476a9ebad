"""One device of the example with all that a recorder needs to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dashboards.example.tape import Course, Tape, only
from dashboards.example.trouble import Plan
from inventory.device_class import DeviceClass
from telemetry.catalogue import Metric

_GONE = ("down", "unreachable", "not_measured")


@dataclass(frozen=True)
class Subject:
    """A device or service on its tape; agent: who measures it."""

    id: str
    site: str
    class_: str
    agent: str
    tape: Tape
    plan: Plan

    @cached_property
    def who(self) -> dict[str, str]:
        """The labels of its samples."""
        return {"site": self.site, "device": self.id, "class": self.class_, "agent": self.agent}

    @cached_property
    def answers(self) -> Sequence[bool]:
        """In which minutes it answers."""
        return [state not in _GONE for state in self.plan.states(self.id)]

    @cached_property
    def asked(self) -> Sequence[bool]:
        """In which minutes somebody asks it, whether it answers or not."""
        return [state != "not_measured" for state in self.plan.states(self.id)]

    def ill(self, rule: str) -> Sequence[bool]:
        """In which minutes it has this trouble."""
        return self.plan.troubled(self.id, rule)

    def has(self, rule: str) -> bool:
        """Whether it has this trouble at any time."""
        return any(self.ill(rule))

    def of(self, *classes: DeviceClass) -> bool:
        """Whether it is of one of these classes."""
        return self.class_ in classes

    def tell(self, metric: Metric, values: Course, **labels: str) -> None:
        """Puts down what it answers: nothing in the minutes in which it does not."""
        self.tape.add(metric, self.who, only(values, self.answers), **labels)

    def wander(self, what: str, around: float, by: float) -> list[float]:
        """Values of its own that wander around one."""
        return self.tape.wander(f"{self.id} {what}", around, by)

    def worse(self, values: Sequence[float], rule: str, by: float) -> list[float]:
        """The values, changed by `by` while it has this trouble."""
        ill = self.ill(rule)
        return [value + by if bad else value for value, bad in zip(values, ill, strict=True)]

    def flag(self, rule: str, *, ok: bool) -> list[float]:
        """`ok`, and its opposite while it has this trouble."""
        return [float(ok != bad) for bad in self.ill(rule)]
