"""`/metrics`: how things stand and how the collector itself is doing, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector.verdict import VERDICT_METRICS, verdicts_of
from collector.view import View
from telemetry import catalogue as c

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the collector's parts have counted since the start; asked anew at each scrape.

    notifications: by (channel, outcome). forward_pending: journal entries that each store lacks;
    forward_failures: by (store, reason).
    """

    samples: Callable[[], int]
    rejected: Callable[[], Mapping[str, int]]
    notifications: Callable[[], Mapping[tuple[str, str], int]]
    forward_pending: Callable[[], Mapping[str, int]]
    forward_failures: Callable[[], Mapping[tuple[str, str], int]]
    turned_at: Callable[[], float]


Family = GaugeMetricFamily | CounterMetricFamily


class Exposition(Collector):
    """Everything that the collector tells Prometheus, in a registry of its own."""

    def __init__(self, view: Callable[[], View], counts: Counts) -> None:
        self._view = view
        self._counts = counts
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def render(self) -> bytes:
        """The text of `/metrics`."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Family]:
        """Nothing in advance: registering must not ask an engine that is not there yet."""
        return ()

    def collect(self) -> Iterator[Family]:
        """The metrics as they are now."""
        families = {metric: _family(metric) for metric in VERDICT_METRICS}
        for verdict in verdicts_of(self._view()):
            families[verdict.metric].add_metric(verdict.labels, verdict.value)
        yield from families.values()
        yield from self._own()

    def _own(self) -> Iterator[Family]:
        yield _with(c.LTMON_INGEST_SAMPLES, [((), self._counts.samples())])
        rejected = [((reason,), count) for reason, count in self._counts.rejected().items()]
        yield _with(c.LTMON_INGEST_REJECTED, rejected)
        yield _with(c.LTMON_NOTIFICATIONS, self._counts.notifications().items())
        yield _with(c.LTMON_FORWARD_FAILURES, self._counts.forward_failures().items())
        pending = [((store,), count) for store, count in self._counts.forward_pending().items()]
        yield _with(c.LTMON_FORWARD_PENDING, pending)
        yield _with(c.LTMON_WATCHDOG, [((), self._counts.turned_at())])


def _family(metric: c.Metric) -> Family:
    kind = CounterMetricFamily if metric.kind is c.Kind.COUNTER else GaugeMetricFamily
    name = metric.name.removesuffix("_total") if metric.kind is c.Kind.COUNTER else metric.name
    return kind(name, metric.help, labels=metric.labels)


def _with(metric: c.Metric, values: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    family = _family(metric)
    for labels, value in sorted(values):
        family.add_metric(labels, float(value))
    return family
