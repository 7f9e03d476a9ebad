"""What is measured: readings of a probe, samples of a series, batches on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from telemetry.labels import Labels, make_labels


class Series:
    """The identity of a time series: a metric name and its labels. Immutable, cheap to hash.

    Two series are equal when name and labels are. The hash is computed once, because the judging
    engine looks a series up for every sample that arrives.
    """

    __slots__ = ("_hash", "_wire", "labels", "name")

    name: str
    labels: Labels
    # The labels as `telemetry.remotewrite` puts them on the wire: a series is sent again and again.
    _wire: bytes | None

    def __init__(self, name: str, labels: Labels) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "_hash", hash((name, labels)))
        object.__setattr__(self, "_wire", None)

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"a Series is immutable; cannot set {attribute}")

    def __reduce__(self) -> tuple[type[Series], tuple[str, Labels]]:
        return (Series, (self.name, self.labels))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Series) and (self.name, self.labels) == (other.name, other.labels)

    def __repr__(self) -> str:
        inner = ",".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.name}{{{inner}}}"

    def label(self, name: str) -> str:
        """The value of one label, or the empty string (which Prometheus treats as absent)."""
        for key, value in self.labels:
            if key == name:
                return value
        return ""


class Sample(NamedTuple):
    """One value of one series. `timestamp_ms`: milliseconds since 1970, UTC.

    A named tuple, as `SeriesPoints` and `Reading`: thousands are made in a second.
    """

    series: Series
    timestamp_ms: int
    value: float


class SeriesPoints(NamedTuple):
    """Consecutive points of one series, oldest first; both tuples have the same length.

    A named tuple, because one is made for each series of each request: it costs half of a frozen
    dataclass.
    """

    series: Series
    timestamps_ms: tuple[int, ...]
    values: tuple[float, ...]


Row = tuple[int, Series, float]
"""One value of one series as it is judged: timestamp in ms since 1970, series, value."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one remote-write request carries."""

    points: tuple[SeriesPoints, ...]

    def sample_count(self) -> int:
        """How many samples the batch holds over all its series."""
        return sum(len(points.timestamps_ms) for points in self.points)

    def rows(self) -> list[Row]:
        """The samples in order of time; those of one moment in the order of their series."""
        rows = [
            (stamp, points.series, value)
            for points in self.points
            for stamp, value in zip(points.timestamps_ms, points.values, strict=True)
        ]
        rows.sort(key=itemgetter(0))
        return rows


def batch_of(samples: list[Sample]) -> Batch:
    """The samples grouped by series in order of first appearance; within one, order is kept."""
    grouped: dict[Series, tuple[list[int], list[float]]] = {}
    for sample in samples:
        timestamps, values = grouped.setdefault(sample.series, ([], []))
        timestamps.append(sample.timestamp_ms)
        values.append(sample.value)
    return Batch(
        tuple(
            SeriesPoints(series, tuple(timestamps), tuple(values))
            for series, (timestamps, values) in grouped.items()
        )
    )


_NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Reading(NamedTuple):
    """What a probe read: a metric of the catalogue, its value in the metric's unit, and the
    instance labels (interface, sensor …). Who and where (site, device, class, agent) is added by
    the agent.
    """

    metric: str
    value: float
    labels: Mapping[str, str] = _NO_LABELS

    def sample(self, identity: Mapping[str, str], timestamp_ms: int) -> Sample:
        """The sample of this reading about the target that `identity` names.

        `identity` holds site, device, class and agent.
        """
        series = Series(self.metric, make_labels({**self.labels, **identity}))
        return Sample(series, timestamp_ms, self.value)
