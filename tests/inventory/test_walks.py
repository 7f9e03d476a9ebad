"""Every family that is known is read out of a walk, and every value is the one that its MIB means."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

import pytest

from inventory.profile import doubted, profile_of
from tests.inventory.cut_walks import SOURCES
from tests.inventory.walked import (
    WALKS,
    head_of,
    poll_of,
    read_expected,
    samples_of,
    walk_names,
)

LONGEST = 25_000
WRITTEN = "written, not recorded"


@pytest.mark.parametrize("name", walk_names())
def test_a_walk_yields_what_was_checked_by_hand(name: str) -> None:
    """Identity, every series and every value, nothing more and nothing less."""
    poll = poll_of(WALKS / f"{name}.snmprec")
    expected = read_expected(WALKS / f"{name}.expected.tsv")
    assert poll.poll.failure is None
    assert head_of(poll, expected.head["source"]) == expected.head
    found = samples_of(poll.readings)
    assert sorted(found) == sorted(expected.samples)
    for series, value in expected.samples.items():
        assert found[series] == pytest.approx(value, rel=1e-6, abs=1e-9), series


def test_forty_families_and_more() -> None:
    """Each walk has its expected samples and the other way round; all are small and say where from."""
    names = walk_names()
    assert sorted(path.name.removesuffix(".expected.tsv") for path in WALKS.glob("*.tsv")) == names
    heads = {name: read_expected(WALKS / f"{name}.expected.tsv").head for name in names}
    families = {head["profile"] for head in heads.values()}
    recorded = {h["profile"] for h in heads.values() if h["source"] != WRITTEN}
    assert len(families) >= 80
    assert len(recorded) >= 40
    for name, head in heads.items():
        assert profile_of(head["profile"]) is not None
        assert (WALKS / f"{name}.snmprec").stat().st_size <= LONGEST, name
        if head["source"] != WRITTEN:
            assert head["source"] == f"snmpsim-data, {SOURCES[name][0]}"
    assert {name for name, head in heads.items() if head["source"] != WRITTEN} == set(SOURCES)


FOUR_VENDORS = [
    "cellular_rsrp_dbm",
    "cellular_rsrq_db",
    "cellular_sinr_db",
    "cellular_rssi_dbm",
    "cellular_registered",
    "cellular_generation",
    "optical_receive_power_dbm",
    "optical_transmit_power_dbm",
    "optical_bias_amperes",
    "optical_temperature_celsius",
    "optical_voltage_volts",
    "power_on_battery",
    "battery_charge_ratio",
    "battery_runtime_seconds",
    "battery_voltage_volts",
    "battery_temperature_celsius",
    "battery_replace_needed",
    "power_input_volts",
    "power_output_load_ratio",
    "rectifier_ok",
]


@pytest.mark.parametrize("metric", FOUR_VENDORS)
def test_four_vendors_tell_it(metric: str) -> None:
    """Each cellular, optical and power metric comes from at least four vendors in the walks."""
    assert len(vendors_by_metric()[metric]) >= 4, vendors_by_metric()[metric]


@cache
def vendors_by_metric() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name in walk_names():
        expected = read_expected(WALKS / f"{name}.expected.tsv")
        for series in expected.samples:
            found[series.partition("{")[0]].add(expected.head["vendor"])
    return found


def test_the_page_of_walks_names_every_one() -> None:
    """README.md says of each from which recording it comes, and under which licence."""
    page = (WALKS / "README.md").read_text(encoding="utf-8")
    missing = [name for name in walk_names() if f"`{name}`" not in page]
    assert missing == []
    assert "BSD 2-Clause" in page


def test_what_is_written_says_what_is_unproven() -> None:
    """An expected sample that its profile is unsure of says so beside one value of its metric at least."""
    for name in walk_names():
        path = WALKS / f"{name}.expected.tsv"
        text = path.read_text(encoding="utf-8")
        expected = read_expected(path)
        unsure = {
            metric
            for metric, labels in map(parsed, expected.samples)
            if doubted(expected.head["profile"], metric, labels)
        }
        said = {parsed(row)[0] for row in text.splitlines() if "unproven" in row}
        assert unsure <= said or "all of this family" in text, name


def parsed(series: str) -> tuple[str, dict[str, str]]:
    """Name and labels of a series as it is written, whatever stands behind it."""
    metric, _, rest = series.partition("\t")[0].partition("{")
    return metric, dict(re.findall(r'(\w+)="([^"]*)"', rest))
