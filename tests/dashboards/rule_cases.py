"""For every alert a device that is well, falls ill and gets well again, told as series of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dashboards.rules_limits import JUDGED, Judged
from inventory.expectation import CLASS_LIMITS, DEFAULT_LIMITS
from telemetry import catalogue as c
from telemetry.catalogue import CATALOGUE, Metric

STEP = 60
WELL, HEALED = 20, 66
"""Steps of a minute in which it is well before, and well again."""

SLOWLY_HEALED = {"reboot_loop": 25 * 60}
"""More steps for what counts over a day."""


Phase = float | Callable[[int], float]
"""One value for a whole phase, or one for each step of it."""


@dataclass(frozen=True, slots=True)
class Course:
    """One series: in each phase the value, or for counters its growth per step. labels: beyond those
    of the device. Points in time are told from the beginning of the story on.
    """

    metric: Metric
    phases: tuple[Phase, Phase, Phase]
    labels: tuple[tuple[str, str], ...] = ()
    counter: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One alert's story. severities: what fires while it is ill."""

    rule: str
    limit: str
    class_: str
    courses: tuple[Course, ...]
    severities: tuple[str, ...]
    direction: str = ""

    @property
    def device(self) -> str:
        """A device of its own, so that all stories can be told in one store."""
        return "-".join(p for p in (self.rule.replace("_", "-"), self.class_, self.direction) if p)

    @property
    def cause(self) -> str:
        """What the alert is laid to."""
        metric = self.courses[0].metric
        if metric.scope is c.Scope.AGENT:
            return f"agent:agent-of-{self.device}"
        return (
            f"site:site-of-{self.device}" if self.rule == "on_battery" else f"device:{self.device}"
        )

    @property
    def steps(self) -> tuple[int, int, int]:
        """How long it is well, ill, and well again."""
        limit = DEFAULT_LIMITS[self.limit]
        return (WELL, 30 + round(limit.for_seconds / STEP), SLOWLY_HEALED.get(self.rule, HEALED))

    def series(self, begin: float = 0.0) -> Iterator[tuple[dict[str, str], list[float]]]:
        """Labels, the name among them, and the value at each step of a story that begins then."""
        for course in self.courses:
            moved = begin if course.metric.name.endswith("_timestamp_seconds") else 0.0
            yield self._labels(course), [moved + value for value in _values(course, self.steps)]

    def _labels(self, course: Course) -> dict[str, str]:
        where = {"site": f"site-of-{self.device}", "agent": f"agent-of-{self.device}"}
        if course.metric.scope is c.Scope.DEVICE:
            where |= {"device": self.device, "class": self.class_}
        return {"__name__": course.metric.name, **where, **dict(course.labels)}


def _values(course: Course, steps: Sequence[int]) -> list[float]:
    values: list[float] = []
    for phase, count in zip(course.phases, steps, strict=True):
        for step in range(count):
            value = phase if isinstance(phase, float | int) else phase(step)
            before = values[-1] if values else 0.0
            values.append(before + value if course.counter else value)
    return values


def _instance(metric: Metric) -> tuple[tuple[str, str], ...]:
    return tuple((label, f"{label}-1") for label in metric.labels)


def _beyond(judged: Judged, class_: str) -> tuple[float, float]:
    """A value that is well, and one beyond the worst level."""
    limit = next(
        (
            limits[judged.limit]
            for name, limits in CLASS_LIMITS.items()
            if name == class_ and judged.limit in limits
        ),
        DEFAULT_LIMITS[judged.limit],
    )
    worst = limit.critical if limit.critical is not None else limit.degraded
    assert worst is not None
    assert limit.clear is not None
    return limit.clear, worst


def _plain(judged: Judged, class_: str) -> tuple[Course, ...]:
    metric = CATALOGUE[judged.limit]
    well, ill = _beyond(judged, class_)
    return (Course(metric, (well, ill, well), _instance(metric)),)


PORT = (("interface", "ge1"),)
PING, SNMP = (("check", "icmp"),), (("check", "snmp"),)


def _port(bad: Metric, whole: Metric, bad_growth: float) -> tuple[Course, ...]:
    return (
        Course(bad, (0.0, bad_growth, 0.0), PORT, counter=True),
        Course(whole, (600.0, 600.0, 600.0), PORT, counter=True),
    )


def _full(transferred: Metric) -> tuple[Course, ...]:
    grown = 1e6 / 8 * STEP
    return (
        Course(c.INTERFACE_SPEED, (1e6, 1e6, 1e6), PORT),
        Course(transferred, (0.1 * grown, 0.95 * grown, 0.1 * grown), PORT, counter=True),
    )


DERIVED: dict[tuple[str, str], tuple[Course, ...]] = {
    ("interface_errors", "receive"): _port(
        c.INTERFACE_RECEIVE_ERRORS, c.INTERFACE_RECEIVE_PACKETS, 6.0
    ),
    ("interface_errors", "transmit"): _port(
        c.INTERFACE_TRANSMIT_ERRORS, c.INTERFACE_TRANSMIT_PACKETS, 6.0
    ),
    ("discards", "receive"): _port(
        c.INTERFACE_RECEIVE_DISCARDS, c.INTERFACE_RECEIVE_PACKETS, 120.0
    ),
    ("discards", "transmit"): _port(
        c.INTERFACE_TRANSMIT_DISCARDS, c.INTERFACE_TRANSMIT_PACKETS, 120.0
    ),
    ("saturation", "receive"): _full(c.INTERFACE_RECEIVE_BYTES),
    ("saturation", "transmit"): _full(c.INTERFACE_TRANSMIT_BYTES),
    ("flapping", ""): (Course(c.INTERFACE_UP, (1.0, lambda step: float(step % 2), 1.0), PORT),),
    ("reboot_loop", ""): (
        Course(c.DEVICE_UPTIME, (86400.0, lambda step: step % 10 * 60.0, 86400.0)),
    ),
    ("port_speed", ""): (Course(c.INTERFACE_SPEED, (1e9, 1e8, 1e9), PORT),),
    ("port_duplex", ""): (Course(c.INTERFACE_FULL_DUPLEX, (1.0, 0.0, 1.0), PORT),),
    ("cellular_generation", ""): (
        Course(c.CELLULAR_GENERATION, (4.0, 3.0, 4.0), _instance(c.CELLULAR_GENERATION)),
    ),
    ("snmp_silent", ""): (
        Course(c.CHECK_UP, (1.0, 0.0, 1.0), SNMP),
        Course(c.CHECK_UP, (1.0, 1.0, 1.0), PING),
    ),
    ("certificate", ""): (Course(c.TLS_NOT_AFTER, (40 * 86400.0, 86400.0, 40 * 86400.0)),),
    ("checks_late", ""): (Course(c.AGENT_CHECK_LATENESS, (0.1, 90.0, 0.1)),),
    ("buffer_dropping", ""): (Course(c.AGENT_BUFFER_DROPPED, (0.0, 10.0, 0.0), counter=True),),
}


def cases() -> list[Case]:
    """Every rule of `JUDGED`, with its default limit and with that of each class of its own."""
    found = []
    for judged in JUDGED:
        direction = judged.labels.get("direction", "")
        limit = DEFAULT_LIMITS[judged.limit]
        severities = tuple(
            severity
            for severity, level in (("warning", limit.degraded), ("critical", limit.critical))
            if level is not None
        )
        own = [name.value for name, limits in CLASS_LIMITS.items() if judged.limit in limits]
        for class_ in ("server", *own):
            derived = DERIVED.get((judged.rule, direction))
            courses = derived or _plain(judged, class_)
            found.append(Case(judged.rule, judged.limit, class_, courses, severities, direction))
    return found
