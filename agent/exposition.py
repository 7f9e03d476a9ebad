"""`/metrics`: the newest sample of each series in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from telemetry.catalogue import CATALOGUE, INTERFACE_SPEED, Kind
from telemetry.sample import Sample

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


PUSHED_ONLY = frozenset({INTERFACE_SPEED.name})
"""`promtool check metrics` insists on bytes where networks speak of bits, and both the name and the
silence of promtool are promised; so this metric is pushed but not exposed."""


class LatestCollector(Collector):
    """Hands samples to the exposition library with the catalogue's help and type, in its order.

    Samples of metrics that the catalogue does not know are left out: nothing is exposed untyped.
    """

    def __init__(self, samples: Callable[[], Iterable[Sample]]) -> None:
        self._samples = samples

    def describe(self) -> list[Metric]:
        """Nothing: what is there changes with the devices."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One family per metric that has samples."""
        by_name: dict[str, list[Sample]] = {}
        for sample in self._samples():
            by_name.setdefault(sample.series.name, []).append(sample)
        for name, metric in CATALOGUE.items():
            if name in by_name and name not in PUSHED_ONLY:
                kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
                family: Metric = kind(name, metric.help)
                for sample in by_name[name]:
                    family.add_sample(name, dict(sample.series.labels), sample.value)
                yield family


def exposition_of(samples: Callable[[], Iterable[Sample]]) -> Callable[[], bytes]:
    """A function that renders what `samples` yields at the moment of the call."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LatestCollector(samples))
    return lambda: generate_latest(registry)
