"""Runs one check and turns its result into samples with names, places and times."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.probe import Probe, Reason, Result, Target
from agent.resolve import Assignment
from inventory.check import Check
from telemetry.catalogue import CHECK_DURATION, CHECK_FAILURES, CHECK_UP
from telemetry.labels import MAX_TEXT, clean_text, make_labels
from telemetry.sample import Reading, Sample, Series

log = logging.getLogger(__name__)

GRACE_SECONDS = 2.0
LONGEST_SECONDS = 60.0


def deadline_of(options: Check) -> float:
    """How long a check may take: most of its interval, so that it never meets its next turn."""
    return max(options.lasts(), min(0.9 * options.interval, LONGEST_SECONDS))


@dataclass(slots=True)
class Measurer:
    """Runs checks with the probes given, one probe per kind, and counts failures per target.

    The counters begin at 0 with the process, as counters may.
    """

    agent: str
    probes: Mapping[str, Probe[Any]]
    now: Callable[[], float] = time.time
    _failures: dict[tuple[str, str], Counter[Reason]] = field(default_factory=dict)
    _known: dict[tuple[str, str], KnownSeries] = field(default_factory=dict)

    async def measure(self, assignment: Assignment) -> tuple[Result, list[Sample]]:
        """Runs one check; raises nothing but cancellation. Samples bear the time it began."""
        result = await self._run(assignment)
        key = (assignment.target.id, assignment.kind)
        known = self._known.setdefault(key, KnownSeries())
        failures = self._counted(assignment, result)
        return result, samples_of(assignment, result, self.agent, failures, known)

    def retain(self, assignments: Iterable[Assignment]) -> None:
        """Forgets what was kept about others; their counters begin at 0 when they come back."""
        keys = {(assignment.target.id, assignment.kind) for assignment in assignments}
        for kept in (self._failures, self._known):
            for key in kept.keys() - keys:
                del kept[key]

    async def _run(self, assignment: Assignment) -> Result:
        began, clock = self.now(), time.perf_counter()
        deadline = deadline_of(assignment.options)
        extra = {"target": assignment.target.id, "check": assignment.kind}
        try:
            async with asyncio.timeout(deadline + GRACE_SECONDS) as limit:
                probe = self.probes[assignment.kind]
                return await probe.check(assignment.target, assignment.options, deadline)
        except TimeoutError:
            if limit.expired():
                log.warning("check ended, it did not keep its deadline", extra=extra)
                return _failed(began, clock, Reason.TIMEOUT)
            log.exception("check failed by a fault of our own", extra=extra)
        except Exception:  # the edge of every check: one that fails must not end the others
            log.exception("check failed by a fault of our own", extra=extra)
        return _failed(began, clock, Reason.INTERNAL)

    def _counted(self, assignment: Assignment, result: Result) -> Counter[Reason]:
        counts = self._failures.setdefault((assignment.target.id, assignment.kind), Counter())
        if not result.ok:
            counts[result.reason or Reason.INTERNAL] += 1
        return counts


def _failed(began: float, clock: float, reason: Reason) -> Result:
    return Result(False, began, time.perf_counter() - clock, reason=reason)


def identity_of(target: Target, agent: str) -> dict[str, str]:
    """The labels that say about whom a sample speaks and who measured it."""
    return {
        "site": target.site,
        "device": target.id,
        "class": target.class_,
        "agent": agent,
    }


def samples_of(
    assignment: Assignment,
    result: Result,
    agent: str,
    failures: Mapping[Reason, int],
    known: KnownSeries | None = None,
) -> list[Sample]:
    """The readings of a result and what every check says of itself, each series once.

    Left out: values that are no finite number (a reading that could not be taken is absent), and a
    second reading of one series: two interfaces that a device gives the same name cannot be told
    apart, and the first is kept. known: the series of the target's last result, brought up to date.
    """
    timestamp_ms = round(result.started_at * 1000)
    readings = [r for r in _readings(assignment.kind, result, failures) if math.isfinite(r.value)]
    known = KnownSeries() if known is None else known
    series = known.of(identity_of(assignment.target, agent), readings)
    return [
        Sample(one, timestamp_ms, reading.value)
        for one, reading in zip(series, readings, strict=True)
        if one is not None
    ]


class KnownSeries:
    """The series of one target's last result: the next one has nearly the same, and to make a series and
    its bytes anew costs more than to read its value from the device."""

    def __init__(self) -> None:
        self._identity: dict[str, str] = {}
        self._keys: list[tuple[object, ...]] = []
        self._series: list[Series | None] = []

    def of(self, identity: dict[str, str], readings: Sequence[Reading]) -> list[Series | None]:
        """The series of each reading about the target of that identity; None for one that was there."""
        keys: list[tuple[object, ...]] = [(r.metric, *r.labels.items()) for r in readings]
        same = identity == self._identity
        if not same or keys != self._keys:
            old = dict(zip(self._keys, self._series, strict=True)) if same else {}
            taken: set[Series] = set()
            self._series = []
            for key, reading in zip(keys, readings, strict=True):
                series = old.get(key) or _series_of(reading, identity)
                self._series.append(None if series in taken else series)
                taken.add(series)
            self._identity, self._keys = identity, keys
        return self._series


def _series_of(reading: Reading, identity: Mapping[str, str]) -> Series:
    labels = {name: _clean(value) for name, value in reading.labels.items()}
    return Series(reading.metric, make_labels({**labels, **identity}))


def _readings(kind: str, result: Result, failures: Mapping[Reason, int]) -> Iterator[Reading]:
    yield CHECK_UP.reading(result.ok, check=kind)
    yield CHECK_DURATION.reading(result.seconds, check=kind)
    for reason, count in failures.items():
        yield CHECK_FAILURES.reading(count, check=kind, reason=reason)
    yield from result.readings


def _clean(value: str) -> str:
    """Device strings made safe; the usual short ASCII name needs no second look."""
    plain = len(value) <= MAX_TEXT and value.isascii() and value.isprintable()
    return value if plain else clean_text(value)
