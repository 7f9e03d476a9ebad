"""Timetables for the judging engine: who fails from when until when, turned into samples.

A small district stands behind every timetable: an OLT and a core switch at the centre, communes with ONU,
router, switch, four devices behind the switch and a UPS. The district's agent looks at everything; a
commune may have an agent of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from collector.evaluate import Engine, Event
from inventory.inventory import Inventory
from telemetry.labels import make_labels
from telemetry.sample import Batch, Sample, Series, batch_of

START = 1_700_000_000.0
INTERVAL = 30.0
LEAVES = ("room", "pc", "printer", "camera")

Span = tuple[float, float]


def district(communes: Iterable[str] = ("bac-binh", "quang-son"), **extra: object) -> Inventory:
    """The district of a timetable."""
    sites: list[dict[str, object]] = [
        {"id": "centre", "name": "UBND huyện", "kind": "district"},
        *(
            {"id": c, "name": f"UBND xã {c}", "kind": "commune", "parent": "centre"}
            for c in communes
        ),
    ]
    devices: list[dict[str, object]] = [
        {"id": "core", "site": "centre", "class": "lan_switch", "address": "10.10.0.1"},
        {
            "id": "olt",
            "site": "centre",
            "class": "fiber_olt",
            "address": "10.10.0.2",
            "parents": ["core"],
        },
    ]
    links: list[dict[str, object]] = []
    for number, commune in enumerate(communes, 1):
        devices.extend(_commune_devices(commune, number))
        links.append(
            {
                "id": f"{commune}-fiber",
                "kind": "fiber",
                "ends": [f"olt/pon-{number}", f"{commune}-onu/pon0"],
            }
        )
    return Inventory.model_validate(
        {
            "district": {
                "id": "lap-thach",
                "name": "Huyện Lập Thạch",
                "timezone": "Asia/Ho_Chi_Minh",
                "language": "vi",
            },
            "sites": sites,
            "devices": devices,
            "links": links,
            **extra,
        }
    )


def paced(
    inventory: Inventory, seconds: float, own: Mapping[str, float] | None = None
) -> Inventory:
    """The same district, in which all are to be pinged so often, and some at a pace of their own."""
    made = inventory.model_dump(mode="json")
    for device in made["devices"]:
        device["checks"] = {"icmp": {"interval": (own or {}).get(device["id"], seconds)}}
    return Inventory.model_validate(made)


def _commune_devices(commune: str, number: int) -> list[dict[str, object]]:
    chain = [("onu", "fiber_onu", "olt"), ("router", "router", f"{commune}-onu")]
    chain += [("switch", "lan_switch", f"{commune}-router"), ("ups", "ups", f"{commune}-switch")]
    classes = {"room": "vc_endpoint", "pc": "workstation", "printer": "printer", "camera": "camera"}
    chain += [(leaf, classes[leaf], f"{commune}-switch") for leaf in LEAVES]
    return [
        {
            "id": f"{commune}-{name}",
            "site": commune,
            "class": class_,
            "address": f"10.11.{number}.{place}",
            "parents": [parent],
        }
        for place, (name, class_, parent) in enumerate(chain, 1)
    ]


@dataclass
class Timetable:
    """Samples of a district in which things fail on schedule. Times are seconds after START.

    dead: device → spans in which it (and all behind it) does not answer. values: extra series;
    loss: device → (from when, which share of its packets is lost), for the agent `lossy_from` only or all,
    or, `lossy_from_afar`, for those that sit elsewhere.
    agents: agent → the devices that it looks at; offline: agent → spans in which it measures nothing;
    selves: agent → what it says of itself beside being there: metric → value, seconds after START.
    interval: between two looks at a device; intervals: of those with one of their own.
    """

    inventory: Inventory = field(default_factory=district)
    dead: dict[str, list[Span]] = field(default_factory=dict)
    agents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offline: dict[str, list[Span]] = field(default_factory=dict)
    selves: dict[str, dict[str, Callable[[float], float]]] = field(default_factory=dict)
    values: list[tuple[str, str, dict[str, str], Callable[[float], float | None], float]] = field(
        default_factory=list
    )
    loss: dict[str, tuple[float, float]] = field(default_factory=dict)
    lossy_from: str = ""
    lossy_from_afar: bool = False
    interval: float = INTERVAL
    intervals: dict[str, float] = field(default_factory=dict)
    phases: dict[str, float] = field(default_factory=dict)

    def fail(self, device: str, start: float, end: float = 1e12) -> Timetable:
        """The device is dead from `start` until `end`."""
        self.dead.setdefault(device, []).append((start, end))
        return self

    def series(
        self,
        device: str,
        metric: str,
        value: Callable[[float], float | None],
        every: float = 60.0,
        **labels: str,
    ) -> Timetable:
        """One more series of a device; None leaves the sample out."""
        self.values.append((device, metric, labels, value, every))
        return self

    def answers(self, device: str, at: float) -> bool:
        """Whether the device can be reached from the centre at `at`."""
        names = [device, *self.inventory.topology.ancestors(device)]
        return not any(a <= at < b for name in names for a, b in self.dead.get(name, ()))

    def samples(self, until: float) -> list[Sample]:
        """Everything that is measured up to `until`, in order of time."""
        found: list[tuple[float, int, Sample]] = []
        for agent, devices in (self.agents or {"centre": self._all()}).items():
            for device in devices:
                found += self._looks(agent, device, until)
            if agent == "centre":
                found += self._asked_of_services(agent, until)
            found += self._heartbeats(agent, until)
        found.sort(key=lambda row: row[:2])
        return [sample for _, _, sample in found]

    def _asked_of_services(self, agent: str, until: float) -> list[tuple[float, int, Sample]]:
        rows = []
        for name, metric, labels, value_at, every in self.values:
            if self.inventory.service(name) is not None:
                rows += self._extra(agent, name, metric, labels, value_at, every, until)
        return rows

    def _all(self) -> tuple[str, ...]:
        return tuple(device.id for device in self.inventory.devices)

    def _is_off(self, agent: str, at: float) -> bool:
        return any(a <= at < b for a, b in self.offline.get(agent, ()))

    def _looks(self, agent: str, device: str, until: float) -> list[tuple[float, int, Sample]]:
        place = self._all().index(device)
        every = self.intervals.get(device, self.interval)
        phase = self.phases.get(device, (place * 7.3) % every)
        rows: list[tuple[float, int, Sample]] = []
        at = phase
        while at <= until:
            if not self._is_off(agent, at):
                ok = self.answers(device, at)
                begin, share = self.loss.get(device, (1e12, 0.0))
                known = self.inventory.device(device)
                inside = known is not None and known.site == agent
                sees = self.lossy_from in ("", agent) and not (self.lossy_from_afar and inside)
                lost = share if at >= begin and sees else 0.0
                for metric, labels, value in (
                    ("icmp_loss_ratio", {}, lost if ok else 1.0),
                    ("check_up", {"check": "icmp"}, 1.0 if ok else 0.0),
                ):
                    rows.append((at, place, self._sample(agent, device, metric, labels, at, value)))
            at += every
        for name, metric, labels, value_at, every in self.values:
            if name == device:
                rows += self._extra(agent, device, metric, labels, value_at, every, until)
        return rows

    def _extra(
        self,
        agent: str,
        device: str,
        metric: str,
        labels: dict[str, str],
        value_at: Callable[[float], float | None],
        every: float,
        until: float,
    ) -> list[tuple[float, int, Sample]]:
        rows = []
        at = every / 2
        while at <= until:
            value = value_at(at)
            if value is not None and not self._is_off(agent, at) and self.answers(device, at):
                rows.append((at, 999, self._sample(agent, device, metric, labels, at, value)))
            at += every
        return rows

    def _sample(
        self,
        agent: str,
        device: str,
        metric: str,
        labels: dict[str, str],
        at: float,
        value: float,
    ) -> Sample:
        known = self.inventory.device(device)
        site, class_ = (known.site, known.class_.value) if known else (agent, "service")
        identity = {"site": site, "device": device, "class": class_, "agent": agent}
        series = Series(metric, make_labels({**labels, **identity}))
        return Sample(series, round((START + at) * 1000), value)

    def _heartbeats(self, agent: str, until: float) -> list[tuple[float, int, Sample]]:
        identity = {"agent": agent, "site": agent}
        says = {Series("agent_info", make_labels({**identity, "version": "1"})): lambda at: 1.0}
        for metric, value_at in self.selves.get(agent, {}).items():
            says[Series(metric, make_labels(identity))] = value_at
        return [
            (at, 1000, Sample(series, round((START + at) * 1000), value_at(at)))
            for at in (step * 15.0 for step in range(int(until // 15.0) + 1))
            if not self._is_off(agent, at)
            for series, value_at in says.items()
        ]


def run(
    timetable: Timetable, until: float, engine: Engine | None = None
) -> tuple[Engine, list[Event]]:
    """Feeds the timetable to an engine as it happens, 5 s at a time, and gathers the events."""
    engine = engine or Engine(timetable.inventory)
    events: list[Event] = []
    samples = timetable.samples(until)
    place = 0
    seq = engine.seq
    at = 0.0
    while at < until:
        at += 5.0
        start = place
        while place < len(samples) and samples[place].timestamp_ms <= (START + at) * 1000:
            place += 1
        seq += 1
        events += engine.take_batch(START + at, Batch(batch_of(samples[start:place]).points), seq)
    return engine, events


def named(events: Iterable[Event], kind: str) -> list[Event]:
    """The events of one kind."""
    return [event for event in events if event.kind == kind]
