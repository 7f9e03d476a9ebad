"""Findings that came and went before anybody looked, as the backlog of a cut-off office brings them."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence

from collector.events import Event, EventKind
from collector.rule import Finding
from telemetry import catalogue as c
from telemetry.labels import make_labels
from telemetry.remotewrite import STALE_NAN
from telemetry.sample import Sample, Series

FILL_EVERY_MS = 60_000
"""A store calls a series gone of which it finds nothing for five minutes."""

ENDED: float = struct.unpack("<d", STALE_NAN)[0]
"""The value that ends a series."""


class LateFindings:
    """Remembers since when each announced finding stands, by the finding's own time."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str, str], tuple[Series, int]] = {}

    def hear(self, events: Sequence[Event], told: Collection[Series]) -> list[Sample]:
        """The whole life of each finding that is over and whose series nobody has been `told` of."""
        lives: list[Sample] = []
        for event in events:
            finding = event.finding
            if finding is None:
                continue
            at_ms = round(event.at * 1000)
            before = self._open.pop(finding.key, None)
            if event.kind is EventKind.FINDING_OPENED:
                self._open[finding.key] = (series_of(finding), at_ms)
            if before is not None and before[0] not in told:
                series, begun_ms = before
                lives += fill(series, begun_ms, at_ms)
                lives.append(Sample(series, at_ms, ENDED))
        return lives

    def begun_ms(self, series: Series) -> int | None:
        """Since when a finding of this series stands, None when it was not heard of."""
        return min((at for known, at in self._open.values() if known == series), default=None)


def fill(series: Series, begun_ms: int, until_ms: int) -> Iterator[Sample]:
    """1 from the beginning on, once a minute, before the end."""
    return (Sample(series, at_ms, 1.0) for at_ms in range(begun_ms, until_ms, FILL_EVERY_MS))


def series_of(finding: Finding) -> Series:
    """The series of `finding_active` that a finding is a part of."""
    values = (finding.site, finding.target, finding.rule, finding.severity.value)
    labels = dict(zip(c.FINDING_ACTIVE.labels, values, strict=True))
    return Series(c.FINDING_ACTIVE.name, make_labels(labels))
