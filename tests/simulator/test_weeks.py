"""The generated weeks: the same seed gives the same samples, plausible ones, with a truth that holds."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
from pathlib import Path

import pytest

from collector.replay import replay
from collector.sample_files import Recording
from inventory.load import load_inventory
from simulator.scenarios.fault import Weight
from simulator.scenarios.innocents import HARMLESS
from simulator.scenarios.layout import make_inventory
from simulator.scenarios.recording import record
from simulator.scenarios.seeds import FRESH_SEEDS, START, TUNING_SEEDS
from simulator.scenarios.timetable import FAULTS, Timetable
from simulator.scenarios.weeks import Weeks
from telemetry.catalogue import CATALOGUE, Kind
from telemetry.labels import make_labels
from telemetry.sample import Series

SHORT_DAYS = 0.06
FEW_DEVICES = 28


def digest(seed: int) -> str:
    """A hash of all that a short stretch of a small district yields."""
    whole = hashlib.blake2b()
    for at, batch in Weeks(seed, SHORT_DAYS, FEW_DEVICES).batches():
        whole.update(struct.pack("<d", at))
        for series, stamps, values in batch.points:
            whole.update(f"{series!r}{stamps}{values}".encode())
    return whole.hexdigest()


def test_the_same_seed_gives_the_same_samples() -> None:
    """Two runs agree in every byte, another seed does not."""
    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


def test_samples_are_such_as_agents_send() -> None:
    """Every series is of the catalogue with its labels; counters only grow; time only goes on."""
    last: dict[object, tuple[int, float]] = {}
    before = START
    for at, batch in Weeks(3, SHORT_DAYS, FEW_DEVICES).batches():
        assert at > before
        before = at
        for series, (stamp,), (value,) in batch.points:
            metric = CATALOGUE[series.name]
            labels = {name for name, _ in series.labels}
            assert set(metric.labels) <= labels | {"alias"}
            assert {"site", "agent"} <= labels
            known = last.get(series)
            assert stamp <= at * 1000 + 500
            if known is not None:
                assert stamp > known[0]
                assert metric.kind is Kind.GAUGE or value >= known[1] or value < 2**32
            if metric.unit == "ratio":
                assert 0.0 <= value <= 1.0
            last[series] = (stamp, value)
    assert len(last) > 1000


@pytest.mark.parametrize("seed", [*TUNING_SEEDS, *FRESH_SEEDS])
def test_every_kind_happens(seed: int) -> None:
    """In two weeks of sixty devices every kind of fault and every harmless thing happens."""
    timetable = Timetable(make_inventory(60), seed, 14.0)
    assert {fault.kind for fault in timetable.faults} == {kind.kind for kind in FAULTS}
    assert {thing.kind for thing in timetable.harmless} == {kind.kind for kind in HARMLESS}


def test_faults_do_not_hide_one_another() -> None:
    """Two things that do not answer never overlap on the same device."""
    inventory = make_inventory(60)
    hard = [f for f in Timetable(inventory, 1, 14.0).faults if f.weight is Weight.HARD]
    for number, one in enumerate(hard):
        for other in hard[:number]:
            apart = one.end < other.onset or other.end < one.onset
            assert apart or not set(one.targets(inventory)) & set(other.targets(inventory))


def test_fresh_seeds_are_fresh() -> None:
    """At least five seeds are kept from tuning."""
    assert len(FRESH_SEEDS) >= 5
    assert not set(FRESH_SEEDS) & set(TUNING_SEEDS)


def test_a_recording_reads_back(tmp_path: Path) -> None:
    """What was written is an inventory without a mistake and the very same samples, in order of time."""
    record(Weeks(1, SHORT_DAYS, FEW_DEVICES), tmp_path)
    again = Weeks(1, SHORT_DAYS, FEW_DEVICES)
    generated: dict[Series, list[tuple[int, float]]] = {}
    for _, batch in again.batches():
        for series, stamps, values in batch.points:
            generated.setdefault(series, []).extend(zip(stamps, values, strict=True))
    read: dict[Series, list[tuple[int, float]]] = {}
    with gzip.open(tmp_path / "samples.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            name = row["metric"].pop("__name__")
            points = read.setdefault(Series(name, make_labels(row["metric"])), [])
            points += zip(row["timestamps"], row["values"], strict=True)
    assert read == generated
    assert load_inventory(tmp_path / "inventory") == again.inventory
    with Recording([tmp_path / "samples.jsonl.gz"]) as recording:
        *_, summary = replay(again.inventory, recording)
    assert summary["samples"] == sum(len(points) for points in generated.values())
