"""Weeks of slow measurements in little time: each series is looked at twice an hour."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from collector.evaluate import Engine, Event
from inventory.inventory import Inventory
from telemetry.labels import make_labels
from telemetry.sample import Sample, Series, batch_of
from tests.collector.engine.timetable import START

HOUR = 3600.0
DAY = 24 * HOUR
EVERY = 1800.0

Course = Callable[[float], float | None]
"""A series' value by days since START; None while it is not measured."""


def fleet(count: int = 10, class_: str = "fiber_onu") -> Inventory:
    """So many communes, each with one device on a fibre from the centre's OLT, and a UPS."""
    communes = [f"xa-{number}" for number in range(count)]
    sites = [{"id": "centre", "name": "UBND huyện", "kind": "district"}]
    devices = [{"id": "olt", "site": "centre", "class": "fiber_olt", "address": "10.10.0.2"}]
    links = []
    for place, commune in enumerate(communes, 1):
        sites.append({"id": commune, "name": commune, "kind": "commune", "parent": "centre"})
        box = {"id": f"{commune}-box", "site": commune, "class": class_, "parents": ["olt"]}
        ups = {
            "id": f"{commune}-ups",
            "site": commune,
            "class": "ups",
            "parents": [f"{commune}-box"],
        }
        devices += [
            {**box, "address": f"10.11.{place}.1"},  # type: ignore[dict-item]
            {**ups, "address": f"10.11.{place}.2"},  # type: ignore[dict-item]
        ]
        ends = [f"olt/pon-{place}", f"{commune}-box/pon0"]
        links.append({"id": f"{commune}-fiber", "kind": "fiber", "ends": ends})
    district = {
        "id": "lap-thach",
        "name": "Huyện Lập Thạch",
        "timezone": "Asia/Ho_Chi_Minh",
        "language": "vi",
    }
    return Inventory.model_validate(
        {"district": district, "sites": sites, "devices": devices, "links": links}
    )


def weeks(
    inventory: Inventory,
    courses: Mapping[tuple[str, str], Course],
    days: float,
    noise: float = 0.0,
    own_labels: Mapping[str, Mapping[str, str]] | None = None,
    **labels: str,
) -> tuple[Engine, list[Event]]:
    """Feeds (device, metric) courses for so many days, with as much noise, and gathers the events.

    own_labels: those of each metric where they differ.
    """
    chance = random.Random(7)
    engine = Engine(inventory)
    events: list[Event] = []
    series = {
        key: _series(inventory, *key, own_labels.get(key[1], {}) if own_labels else labels)
        for key in courses
    }
    for look in range(int(days * DAY / EVERY)):
        at = START + look * EVERY
        values = {key: course((at - START) / DAY) for key, course in courses.items()}
        rows = [
            Sample(series[key], round(at * 1000), value + chance.gauss(0.0, noise))
            for key, value in values.items()
            if value is not None
        ]
        events += engine.take_batch(at, batch_of(rows), look + 1)
    return engine, events


def _series(inventory: Inventory, device: str, metric: str, labels: Mapping[str, str]) -> Series:
    known = inventory.device(device)
    assert known is not None
    identity = {
        "site": known.site,
        "device": device,
        "class": known.class_.value,
        "agent": "centre",
    }
    return Series(metric, make_labels({**labels, **identity}))
