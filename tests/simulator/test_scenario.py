"""Timetables are played in order by whatever clock, and find their parts in the inventory."""

from __future__ import annotations

import pytest

from inventory.inventory import Inventory
from simulator.faults import DeviceDead, SiteDark
from simulator.roster import simulated_district
from simulator.scenario import SCENARIOS, Act, Cast, NoPart, Timetable
from tests.simulator.small_district import small_inventory

NOW = 1_700_000_000.0


def test_steps_come_in_order() -> None:
    """Each step is taken once, at or after its second; mending goes before breaking."""
    district = simulated_district(small_inventory(), NOW)
    first, second = DeviceDead("bac-binh-pc"), DeviceDead("xuan-hoa-pc")
    timetable = Timetable([Act(10, None, second), Act(2, 10, first)])
    assert timetable.next_at == 2
    assert timetable.length == 10
    assert timetable.play(district, 1.9, NOW) == []
    assert [(s.begins, s.fault) for s in timetable.play(district, 5, NOW)] == [(True, first)]
    assert not district.works("bac-binh-pc")
    steps = timetable.play(district, 60, NOW)
    assert [(s.at, s.begins, s.fault) for s in steps] == [(10, False, first), (10, True, second)]
    assert district.works("bac-binh-pc")
    assert timetable.next_at is None
    assert timetable.play(district, 99, NOW) == []


def test_an_empty_timetable() -> None:
    """The quiet scenario has nothing to play."""
    assert Timetable([]).length == 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_leave_all_well(name: str) -> None:
    """Whatever a scenario breaks is mended when it is over."""
    inventory = small_inventory()
    district = simulated_district(inventory, NOW)
    timetable = Timetable(
        SCENARIOS[name](Cast(inventory, district, ["district-office", "bac-binh"]))
    )
    timetable.play(district, timetable.length, NOW)
    for device in inventory.devices:
        reach = district.reach("district-office", device.address or "")
        assert reach is not None
        assert reach.loss == 0


def test_parts() -> None:
    """The switch that dies has four devices behind it and no agent beside it; the dark office has one."""
    inventory = small_inventory()
    cast = Cast(inventory, simulated_district(inventory, NOW), ["district-office", "bac-binh"])
    assert cast.switch().id == "xuan-hoa-switch"
    assert cast.power_site() == "bac-binh"
    assert cast.service() == ("one-stop", "portal", 443, "motcua.lapthach.example")
    acts = SCENARIOS["power-cut"](cast)
    assert [act.at for act in acts if isinstance(act.fault, SiteDark)] == [18]


def test_missing_parts() -> None:
    """An inventory without the part gets one sentence."""
    bare = Inventory.model_validate({"district": {"id": "x", "name": "X"}})
    cast = Cast(bare, simulated_district(bare, NOW), [])
    for name in ("switch-death", "power-cut", "fibre-cut", "room-loss"):
        with pytest.raises(NoPart, match="The inventory has no"):
            SCENARIOS[name](cast)
