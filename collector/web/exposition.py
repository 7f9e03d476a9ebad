"""`/metrics`: how things stand and how the collector itself is doing, for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector.evaluate import Engine
from collector.rule import Severity
from collector.state import HealthState
from collector.web import overview
from collector.web.readiness import READY_VALUE, readiness_of
from telemetry import catalogue as c

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the collector's parts have counted since the start; asked anew at each scrape.

    notifications: by (channel, outcome). forward_pending: journal entries that each store lacks.
    """

    samples: Callable[[], int]
    rejected: Callable[[], Mapping[str, int]]
    notifications: Callable[[], Mapping[tuple[str, str], int]]
    forward_pending: Callable[[], Mapping[str, int]]
    turned_at: Callable[[], float]


Family = GaugeMetricFamily | CounterMetricFamily


class Exposition(Collector):
    """Everything that the collector tells Prometheus, in a registry of its own."""

    def __init__(self, engine: Callable[[], Engine], counts: Counts) -> None:
        self._engine = engine
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
        engine = self._engine()
        yield self._health(engine)
        yield self._findings(engine)
        yield self._incidents(engine)
        yield self._sites(engine)
        yield self._watermarks(engine)
        yield self._rooms(engine)
        yield from self._own()

    def _health(self, engine: Engine) -> Family:
        family = _family(c.DEVICE_HEALTH)
        for target in [*overview.devices_of(engine), *overview.services_of(engine)]:
            class_ = str(target.thing.class_)
            for state in HealthState:
                labels = [target.health.site, target.id, class_, state.value]
                family.add_metric(labels, float(target.state is state))
        return family

    def _findings(self, engine: Engine) -> Family:
        """One per device and rule, however many of its ports are concerned."""
        family = _family(c.FINDING_ACTIVE)
        active = {(f.site, f.target, f.rule, f.severity.value) for f in engine.findings()}
        for labels in sorted(active):
            family.add_metric(labels, 1.0)
        return family

    def _incidents(self, engine: Engine) -> Family:
        family = _family(c.INCIDENT_OPEN)
        counts = Counter(incident.severity for incident in engine.open_incidents())
        for severity in Severity:
            family.add_metric([severity.value], float(counts[severity]))
        return family

    def _sites(self, engine: Engine) -> Family:
        family = _family(c.SITE_HEALTH)
        for standing in overview.sites_of(engine):
            for state in HealthState:
                family.add_metric([standing.site.id, state.value], float(standing.state is state))
        return family

    def _watermarks(self, engine: Engine) -> Family:
        family = _family(c.AGENT_WATERMARK)
        for view in engine.agents():
            family.add_metric([view.agent], view.watermark)
        return family

    def _rooms(self, engine: Engine) -> Family:
        family = _family(c.CONFERENCE_ROOM_READY)
        for room in readiness_of(engine):
            labels = [room.room.health.site, room.room.id]
            family.add_metric(labels, READY_VALUE[room.verdict])
        return family

    def _own(self) -> Iterator[Family]:
        yield _with(c.LTMON_INGEST_SAMPLES, [((), self._counts.samples())])
        rejected = [((reason,), count) for reason, count in self._counts.rejected().items()]
        yield _with(c.LTMON_INGEST_REJECTED, rejected)
        yield _with(c.LTMON_NOTIFICATIONS, self._counts.notifications().items())
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
