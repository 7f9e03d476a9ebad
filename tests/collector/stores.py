"""What two real stores hold, and what the collector's journals say that they should."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collector.journal import EntryKind
from collector.journals import open_journal
from telemetry.remotewrite import SeriesCache, decode_message
from tests.programs import Program

LATE = "storage: {tsdb: {out_of_order_time_window: 8d}}\n"
"""Prometheus as docs/operating.md wants it: it takes what an office measured while it was cut off."""

DEDUP = ("-dedup.minScrapeInterval=1ms",)
"""VictoriaMetrics as docs/operating.md wants it: a sample that comes twice is one."""

Point = tuple[frozenset[tuple[str, str]], int]
"""A sample's identity: its labels with the name among them, and its time in milliseconds."""


def journaled(state_dir: Path, name: str) -> Counter[Point]:
    """How often each sample is in the journal `name` of a collector; markers of ends not counted."""
    journal = open_journal(f"sqlite:///{state_dir / name}")
    found: Counter[Point] = Counter()
    entries = [e for e in journal.read(limit=1_000_000) if e.kind is EntryKind.SAMPLES]
    for entry in entries:
        for points in decode_message(entry.payload, SeriesCache()).batch.points:
            labels = frozenset([("__name__", points.series.name), *points.series.labels])
            found.update((labels, at_ms) for at_ms in points.timestamps_ms)
    journal.close()
    return found


def in_prometheus(store: Program) -> Counter[Point]:
    """How often each sample of the last day is there."""
    answer = store.get("/api/v1/query", query='{__name__=~".+",job=""}[1d]').json()
    return Counter(
        (frozenset(series["metric"].items()), round(float(at) * 1000))
        for series in answer["data"]["result"]
        for at, _ in series["values"]
    )


def in_victoria_metrics(store: Program) -> Counter[Point]:
    """How often each sample is there; markers of ends come out as null."""
    return Counter(
        (frozenset(line["metric"].items()), at_ms)
        for line in _exported(store)
        for at_ms, value in zip(line["timestamps"], line["values"], strict=True)
        if value is not None
    )


def _exported(store: Program) -> Iterator[dict[str, Any]]:
    store.get("/internal/force_flush")
    text = store.get("/api/v1/export", **{"match[]": '{__name__!=""}'}).text
    return map(json.loads, text.splitlines())
