"""The collector's verdicts as samples in a journal of their own, from which stores get their copy.

What changed is said at every look, with the event time of the change where one is known; everything
is said once a minute, because a store calls a series gone that it has not heard of for five. A
series that ends gets a stale marker, as Prometheus' own would. Times are the journal's, so what is
said does not depend on when it is said.

What a backlog tells of the past, findings that came and went, is said at its own time in entries of
its own, which a store may refuse without losing anything else.

What was said last is read back from this journal at the start: the engine says its newest part again
after a restart, but what entry `source` and those before it led to has been said.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from collector.evaluate import Engine
from collector.events import Event
from collector.journal import Draft, Entry, EntryKind, Journal
from collector.late_findings import ENDED, LateFindings, fill
from collector.verdict import Verdict, verdicts_of
from telemetry import catalogue as c
from telemetry.errors import JournalError
from telemetry.labels import make_labels
from telemetry.remotewrite import SeriesCache, decode_message, encode
from telemetry.sample import Batch, Sample, Series, batch_of

log = logging.getLogger(__name__)

LOOK_EVERY_MS = 15_000
WHOLE_EVERY_MS = 60_000
"""How often everything is said, and how far back a change is dated at most."""

_WHOLE, _CHANGES, _LATE = "whole", "changes", "late"
_TAIL_ENTRIES = 64

Said = dict[Series, tuple[int, float]]
"""What was said last of each series that has not ended: when (ms), and the value."""


@dataclass(slots=True)
class _Spoken:
    """What the journal says by now. cause: the entry of the judged journal up to which that is so.

    whole_seq, whole_ms: where and when everything was said last. at_ms: the last word of all.
    """

    said: Said
    cause: int = 0
    whole_seq: int = 0
    whole_ms: int = 0
    at_ms: int = 0


class VerdictJournal:
    """Writes what an engine says into `journal`; grown: called when there is more to forward.

    judged: the last entry of the journal that is judged; when that was lost and begun anew, what was
    said of the old one holds nothing back. Raises JournalError when the journal cannot be read.
    """

    def __init__(self, journal: Journal, judged: int, grown: Callable[[], None]) -> None:
        self._journal = journal
        self._grown = grown
        self._series: dict[tuple[str, tuple[str, ...]], Series] = {}
        self._late = LateFindings()
        self._unsaid: list[Sample] = []
        self._spoken = _read_back(journal)
        if self._spoken.cause > judged:
            self._spoken.cause = 0

    @property
    def needed_from(self) -> int:
        """The first entry that is needed to know what was said."""
        return self._spoken.whole_seq

    async def listen(self, engine: Engine, events: Sequence[Event]) -> None:
        """To be called after each judged entry; when the disk does not take it, it is said later."""
        late = self._late.hear(events, self._spoken.said)
        if engine.seq <= self._spoken.cause:
            return
        self._unsaid += late
        now_ms = round(engine.now * 1000)
        parts = [(kind, batch) for kind, batch in self._parts(engine, now_ms) if batch.points]
        if not parts:
            return
        drafts = [
            Draft(EntryKind.SAMPLES, now_ms, f"{kind}:{engine.seq}", encode(batch))
            for kind, batch in parts
        ]
        try:
            entries = await asyncio.to_thread(self._journal.append, drafts)
        except JournalError:
            log.exception("the verdicts cannot be kept for the stores now")
            return
        self._unsaid.clear()
        for entry, (_, batch) in zip(entries, parts, strict=True):
            _take(self._spoken, entry, batch)
        self._grown()

    def _parts(self, engine: Engine, now_ms: int) -> list[tuple[str, Batch]]:
        """What is to be said, by the kind of entry: of the past first, then of now if it is time."""
        spoken = self._spoken
        if now_ms < spoken.at_ms + LOOK_EVERY_MS:
            return [(_LATE, batch_of(self._unsaid))]
        whole = now_ms >= spoken.whole_ms + WHOLE_EVERY_MS
        news = list(self._changes(engine, now_ms, whole))
        past = [*self._unsaid, *self._begun_before(news)]
        return [(_LATE, batch_of(past)), (_WHOLE if whole else _CHANGES, batch_of(news))]

    def _changes(self, engine: Engine, now_ms: int, whole: bool) -> Iterator[Sample]:
        """What is to be said now; the samples of a series in order, each after what was said last."""
        said = self._spoken.said
        standing: set[Series] = set()
        backlogs = {agent.site for agent in engine.view.agents() if agent.lagging}
        for verdict in _all_of(engine):
            series = self._series_of(verdict)
            if series not in said and _may_be_over(verdict, backlogs):
                continue
            standing.add(series)
            last_ms, last = said.get(series, (now_ms - 1, None))
            if verdict.value != last:
                changed_ms = _dated(verdict, last_ms, now_ms)
                yield Sample(series, changed_ms, verdict.value)
                last_ms = changed_ms
            if whole and last_ms < now_ms:
                yield Sample(series, now_ms, verdict.value)
        for series in said.keys() - standing:
            yield Sample(series, now_ms, ENDED)

    def _begun_before(self, news: Sequence[Sample]) -> Iterator[Sample]:
        """The past of findings that are said for the first time, from when they were announced on."""
        for sample in news:
            begun_ms = self._late.begun_ms(sample.series) if self._is_first(sample) else None
            if begun_ms is not None:
                yield from fill(sample.series, begun_ms, sample.timestamp_ms)

    def _is_first(self, sample: Sample) -> bool:
        finding = sample.series.name == c.FINDING_ACTIVE.name
        return finding and sample.value == 1.0 and sample.series not in self._spoken.said

    def _series_of(self, verdict: Verdict) -> Series:
        key = (verdict.metric.name, verdict.labels)
        if key not in self._series:
            labels = dict(zip(verdict.metric.labels, verdict.labels, strict=True))
            self._series[key] = Series(verdict.metric.name, make_labels(labels))
        return self._series[key]


def _all_of(engine: Engine) -> Iterable[Verdict]:
    """The verdicts, and that somebody judges at all."""
    yield from verdicts_of(engine.view)
    yield Verdict(c.LTMON_WATCHDOG, (), engine.now)


def _may_be_over(verdict: Verdict, backlogs: set[str]) -> bool:
    """Whether the rest of a backlog may tell that the finding is over: what is not known to be so
    now is not said of now.
    """
    return verdict.metric is c.FINDING_ACTIVE and verdict.labels[0] in backlogs


def _dated(verdict: Verdict, last_ms: int, now_ms: int) -> int:
    """When the change happened: after what was said last, and not so long ago that a store would
    not take it any more.
    """
    since_ms = max(round(verdict.since * 1000), now_ms - WHOLE_EVERY_MS)
    return min(max(since_ms, last_ms + 1), now_ms) if verdict.since else now_ms


def _read_back(journal: Journal) -> _Spoken:
    """What the newest entries say: everything was said in one of them, changes since in the others."""
    last = journal.last_seq()
    for tail in (_TAIL_ENTRIES, 16 * _TAIL_ENTRIES, last):
        entries = list(journal.read(after=max(0, last - tail), limit=tail + 1))
        if any(entry.source.startswith(_WHOLE) for entry in entries):
            break
    spoken = _Spoken({})
    cache = SeriesCache()
    for entry in entries:
        # A marker of an end is left out by the decoder: what ended since is said to end once more.
        _take(spoken, entry, decode_message(entry.payload, cache).batch)
    return spoken


def _take(spoken: _Spoken, entry: Entry, batch: Batch) -> None:
    """Notes what an entry says."""
    kind, _, cause = entry.source.partition(":")
    spoken.cause = int(cause)
    if kind == _LATE:
        return
    spoken.at_ms = entry.at_ms
    if kind == _WHOLE:
        spoken.said = {}
        spoken.whole_seq, spoken.whole_ms = entry.seq, entry.at_ms
    for points in batch.points:
        if points.values[-1] == points.values[-1]:
            spoken.said[points.series] = (points.timestamps_ms[-1], points.values[-1])
        else:
            spoken.said.pop(points.series, None)
