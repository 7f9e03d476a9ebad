"""Which samples of a request come in: those of the sender's own sites, of a sane time, and new.

A sample is identified by its series and timestamp, so a repeat changes nothing and a sample that
comes late is still taken. Where a timestamp is not above all that the series had before, the
journal itself is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from collector.enrolment import Enrolled
from collector.journal import Draft, EntryKind, Journal
from collector.untimely import Untimely
from telemetry.labels import clean_text, make_labels
from telemetry.remotewrite import Decoded, SeriesCache, decode_message
from telemetry.sample import Batch, Series, SeriesPoints

_LOOKUP_GAP_MS = 600_000
_FORGET_MS = 86_400_000
_CACHE_BYTES = 16 << 20
_UNDECIDED = object()

Point = tuple[int, float]


class Refusal(StrEnum):
    """Why samples that were well formed did not come in."""

    FOREIGN_SITE = "foreign_site"
    FUTURE = "future"
    TOO_OLD = "too_old"
    DUPLICATE = "duplicate"
    SERIES_CAP = "series_cap"


NOTED_EVERY_MS = 10_000
"""An agent pushes every few seconds; one note in so long is enough for a sign of life."""

_OUT_OF_TIME = frozenset({Refusal.FUTURE, Refusal.TOO_OLD})


class TooManySeries(Exception):  # noqa: N818 - not an error of the program: the sender's
    """The agent has used up the series that one agent may have."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which times are taken, from `oldest_ms` to `newest_ms`, both included."""

    oldest_ms: int
    newest_ms: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """What of a request is new, and how many samples were left out for which reason."""

    batch: Batch
    refused: Counter[str]


class AgentMemory:
    """What is remembered of one agent's series while the collector runs.

    `floor_ms`: no sample above it, of a series that is not in `newest_ms`, was ever accepted.
    """

    def __init__(self, enrolled: Enrolled, floor_ms: int | None, max_series: int) -> None:
        self.enrolled = enrolled
        self.floor_ms = floor_ms
        self.newest_ms: dict[Series, int] = {}
        self.own: dict[Series, Series | None] = {}
        self.received = SeriesCache(max_series, _CACHE_BYTES)
        self.recorded = SeriesCache(max_series, _CACHE_BYTES)
        self.swept_at_ms = 0
        self.clock_noted_ms = 0


class Admission:
    """Decides for all agents. Call from one thread at a time.

    `site_of` gives the site of a device of the inventory, None for what is not a device of it.
    """

    def __init__(
        self, journal: Journal, site_of: Callable[[str], str | None], max_series: int = 50_000
    ) -> None:
        self._journal = journal
        self._site_of = site_of
        self._max_series = max_series
        self._memories: dict[str, AgentMemory] = {}

    def memory_of(self, enrolled: Enrolled) -> AgentMemory:
        """What is remembered of this agent; at first, how far the journal goes."""
        memory = self._memories.get(enrolled.agent)
        if memory is None:
            floor = self._journal.newest_sample_ms(enrolled.agent)
            memory = AgentMemory(enrolled, floor, self._max_series)
            self._memories[enrolled.agent] = memory
        if memory.enrolled != enrolled:
            memory.enrolled = enrolled
            memory.own = {}
        return memory

    def forget_sites(self) -> None:
        """To be called when the inventory changed: sites of devices are asked for again."""
        for memory in list(self._memories.values()):  # pushes go on meanwhile, in another thread
            memory.own = {}

    def admit(self, memory: AgentMemory, decoded: Decoded, window: Window) -> Admitted:
        """What of a decoded request is new. Changes nothing: see `confirm`.

        Raises TooManySeries when the agent would have more series than it may.
        """
        refused: Counter[str] = Counter()
        accepted: dict[Series, list[Point]] = {}
        suspects: dict[Series, list[Point]] = {}
        for series, points in self._own_points(memory, decoded.batch, refused).items():
            bound = memory.newest_ms.get(series, memory.floor_ms)
            for point in _in_window(points, window, refused):
                late = bound is not None and point[0] <= bound
                (suspects if late else accepted).setdefault(series, []).append(point)
        if suspects:
            self._acquit(memory, suspects, accepted, refused)
        self._check_cap(memory, accepted, window.newest_ms)
        return Admitted(_batch_of(accepted), +refused)

    def confirm(self, memory: AgentMemory, admitted: Admitted) -> None:
        """Remembers that what was admitted is in the journal."""
        newest = memory.newest_ms
        for series, timestamps, _ in admitted.batch.points:
            # Not the sample's own time alone: a late one, the first of its series after a restart,
            # says nothing about what the journal holds above it.
            bound = newest.get(series, memory.floor_ms)
            newest[series] = timestamps[-1] if bound is None else max(timestamps[-1], bound)

    def _own_points(
        self, memory: AgentMemory, batch: Batch, refused: Counter[str]
    ) -> dict[Series, list[Point]]:
        """The points by series as they will be kept; foreign sites and repeats left out."""
        found: dict[Series, list[Point]] = {}
        shared: set[Series] = set()
        for received, timestamps, values in batch.points:
            own = memory.own.get(received, _UNDECIDED)
            if own is _UNDECIDED:
                own = self._own_series(memory, received)
            if own is None:
                refused[Refusal.FOREIGN_SITE] += len(timestamps)
            elif isinstance(own, Series):
                if own in found or len(timestamps) > 1:
                    shared.add(own)
                found.setdefault(own, []).extend(zip(timestamps, values, strict=True))
        for series in shared:
            points = found[series]
            once = dict(reversed(points))  # of two with one timestamp the first stands
            refused[Refusal.DUPLICATE] += len(points) - len(once)
            found[series] = sorted(once.items())
        return found

    def _own_series(self, memory: AgentMemory, received: Series) -> Series | None:
        """The series under the sender's true name and site, or None when it may not write it."""
        enrolled = memory.enrolled
        labels = {name: clean_text(value) for name, value in received.labels}
        labels["agent"] = enrolled.agent
        device = labels.get("device", "")
        claimed = labels.setdefault("site", enrolled.sites[0])
        true_site = self._site_of(device) if device else None
        own: Series | None = None
        if device in enrolled.watch or {claimed, true_site or claimed} <= set(enrolled.sites):
            own = Series(received.name, make_labels(labels))
        if len(memory.own) > 2 * self._max_series:
            memory.own = {}
        memory.own[received] = own
        return own

    def _acquit(
        self,
        memory: AgentMemory,
        suspects: dict[Series, list[Point]],
        accepted: dict[Series, list[Point]],
        refused: Counter[str],
    ) -> None:
        """Moves those of the suspects that the journal does not hold over to the accepted."""
        recorded = self._recorded(memory, suspects)
        for series, points in suspects.items():
            known = recorded[series]
            new = [point for point in points if point[0] not in known]
            refused[Refusal.DUPLICATE] += len(points) - len(new)
            if new:
                accepted[series] = new + accepted.get(series, [])

    def _recorded(
        self, memory: AgentMemory, suspects: dict[Series, list[Point]]
    ) -> dict[Series, set[int]]:
        """The timestamps that the journal holds of these series, around the suspects' times."""
        found: dict[Series, set[int]] = {series: set() for series in suspects}
        times = {timestamp for points in suspects.values() for timestamp, _ in points}
        for first_ms, last_ms in _spans(times):
            for entry in self._journal.overlapping(memory.enrolled.agent, first_ms, last_ms):
                for points in decode_message(entry.payload, memory.recorded).batch.points:
                    known = found.get(points.series)
                    if known is not None:
                        known.update(points.timestamps_ms)
        return found

    def _check_cap(
        self, memory: AgentMemory, accepted: dict[Series, list[Point]], now_ms: int
    ) -> None:
        new = sum(series not in memory.newest_ms for series in accepted)
        if len(memory.newest_ms) + new <= self._max_series:
            return
        if now_ms - memory.swept_at_ms > 60_000:
            self._sweep(memory, now_ms)
        if len(memory.newest_ms) + new > self._max_series:
            raise TooManySeries

    def _sweep(self, memory: AgentMemory, now_ms: int) -> None:
        """Forgets series that had no sample for a day; should one come back, the journal is asked."""
        memory.swept_at_ms = now_ms
        kept = {
            series: newest
            for series, newest in memory.newest_ms.items()
            if newest > now_ms - _FORGET_MS
        }
        forgotten = [newest for series, newest in memory.newest_ms.items() if series not in kept]
        if forgotten:
            memory.floor_ms = max(max(forgotten), memory.floor_ms or max(forgotten))
        memory.newest_ms = kept


def clock_note(
    memory: AgentMemory, received: Batch, admitted: Admitted, now_ms: int
) -> list[Draft]:
    """The note about a push at `now_ms` of which nothing could be taken for its times, if it is one and
    none was made a moment ago. A single sample out of time among others says nothing about the clock.
    """
    if admitted.batch.points or not admitted.refused or admitted.refused.keys() - _OUT_OF_TIME:
        return []
    if 0 <= now_ms - memory.clock_noted_ms < NOTED_EVERY_MS:
        return []
    memory.clock_noted_ms = now_ms
    newest = max(max(points.timestamps_ms) for points in received.points)
    payload = Untimely(memory.enrolled.sites[0], newest / 1000.0).payload()
    return [Draft(EntryKind.CLOCK, now_ms, memory.enrolled.agent, payload)]


def _in_window(points: list[Point], window: Window, refused: Counter[str]) -> list[Point]:
    if window.oldest_ms <= points[0][0] and points[-1][0] <= window.newest_ms:
        return points
    kept = [point for point in points if window.oldest_ms <= point[0] <= window.newest_ms]
    future = sum(point[0] > window.newest_ms for point in points)
    refused[Refusal.FUTURE] += future
    refused[Refusal.TOO_OLD] += len(points) - len(kept) - future
    return kept


def _spans(times: Iterable[int]) -> list[tuple[int, int]]:
    """The times gathered into spans, so that one stray old sample does not read the whole journal."""
    spans: list[tuple[int, int]] = []
    for time in sorted(times):
        if spans and time - spans[-1][1] <= _LOOKUP_GAP_MS:
            spans[-1] = (spans[-1][0], time)
        else:
            spans.append((time, time))
    return spans


def _batch_of(accepted: dict[Series, list[Point]]) -> Batch:
    return Batch(
        tuple(
            SeriesPoints(series, *zip(*points, strict=True)) for series, points in accepted.items()
        )
    )
