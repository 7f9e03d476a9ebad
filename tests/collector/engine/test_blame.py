"""Whom a finding blames: what belongs to a line is judged as the line, whatever it is made of."""

from __future__ import annotations

import json

import pytest

from collector.events import Event
from inventory.inventory import Inventory
from tests.collector.engine.timetable import Timetable, district, named, run


def with_line(kind: str) -> Inventory:
    """The district, in which one commune's router hangs on a line of this kind from the core."""
    plain = json.loads(district().to_json())
    for device in plain["devices"]:
        if device["id"] == "bac-binh-router":
            device["parents"] = ["core"]
    plain["links"].append(
        {"id": "bac-binh-line", "kind": kind, "ends": ["core/wan1", "bac-binh-router/wan"]}
    )
    return Inventory.model_validate(plain)


def causes(events: list[Event]) -> list[str]:
    """What the incidents were laid to when they were opened."""
    return [event.incident.cause for event in named(events, "incident_opened")]


LOSSY = {"bac-binh-router": (600.0, 0.3)}


@pytest.mark.parametrize("kind", ["fiber", "broadband", "cellular", "leased"])
def test_bad_way_over_a_line_is_the_lines(kind: str) -> None:
    """Loss to the router at the end of a line that comes from elsewhere is told as the line's."""
    _, events = run(Timetable(inventory=with_line(kind), loss=LOSSY), 1800.0)
    assert causes(events) == ["link:bac-binh-line"]


@pytest.mark.parametrize(
    ("kind", "share", "told"), [("fiber", 0.02, 1), ("cellular", 0.02, 0), ("cellular", 0.06, 1)]
)
def test_radio_loses_a_little_when_all_is_well(kind: str, share: float, told: int) -> None:
    """What a cable must not lose is nothing new of an office behind a mobile network."""
    table = Timetable(inventory=with_line(kind), loss={"bac-binh-room": (600.0, share)})
    _, events = run(table, 7200.0)
    assert len(causes(events)) == told


def test_bad_way_over_a_patch_cable_is_the_devices() -> None:
    """A cable within the office seldom is to blame; its own errors tell when it is."""
    _, events = run(Timetable(inventory=with_line("lan"), loss=LOSSY), 1800.0)
    assert causes(events) == ["device:bac-binh-router"]


def test_an_overloaded_router_is_to_blame_itself() -> None:
    """It loses packets because it has too much to do, not because of the line."""
    table = Timetable(inventory=with_line("broadband"), loss={"bac-binh-router": (2400.0, 0.3)})
    table.series(
        "bac-binh-router",
        "device_cpu_utilization_ratio",
        lambda at: 0.99 if at > 600.0 else 0.2,
        cpu="1",
    )
    _, events = run(table, 3600.0)
    assert causes(events) == ["device:bac-binh-router"]


def test_what_its_own_office_sees_too_is_inside() -> None:
    """When the office's own agent loses the packets as well, it is not the line."""
    agents = {
        "centre": ("core", "olt", "bac-binh-router"),
        "bac-binh": ("bac-binh-router", "bac-binh-switch"),
    }
    table = Timetable(inventory=with_line("broadband"), loss=LOSSY, agents=agents)
    _, events = run(table, 1800.0)
    assert set(causes(events)) == {"device:bac-binh-router"}


def test_bad_way_and_broken_frames_are_one_fault() -> None:
    """Loss is told first, then the port's errors: the incident is renamed, not doubled."""
    table = Timetable(inventory=with_line("broadband"), loss={"bac-binh-router": (600.0, 0.4)})
    table.series(
        "bac-binh-router",
        "interface_receive_packets_total",
        lambda at: at * 100.0,
        interface="wan",
    )
    table.series(
        "bac-binh-router",
        "interface_receive_errors_total",
        lambda at: max(0.0, at - 600.0) * 5.0,
        interface="wan",
    )
    engine, events = run(table, 2400.0)
    assert len({e.incident.id for e in named(events, "incident_opened")}) == 1
    assert [i.cause for i in engine.view.open_incidents()] == ["link:bac-binh-line"]


@pytest.mark.parametrize("end", [("olt", "pon-1"), ("bac-binh-onu", "pon0")])
def test_too_little_light_at_either_end_is_the_fibres(end: tuple[str, str]) -> None:
    """While the far laser sends as it always did, the fibre or its connectors are to blame."""
    device, port = end
    far, far_port = ("bac-binh-onu", "pon0") if device == "olt" else ("olt", "pon-1")
    table = Timetable().series(
        device,
        "optical_receive_power_dbm",
        lambda at: -28.0 if at > 600.0 else -20.0,
        interface=port,
    )
    table.series(far, "optical_transmit_power_dbm", lambda _: 2.5, interface=far_port)
    _, events = run(table, 1800.0)
    assert causes(events) == ["link:bac-binh-fiber"]


def test_all_that_an_office_sees_badly_is_its_own_line() -> None:
    """An office whose line is bad sees the whole district badly; others see it well: one fault."""
    agents = {"centre": ("core", "olt"), "bac-binh": ("core", "olt", "bac-binh-switch")}
    lossy = Timetable(inventory=with_line("broadband"), agents=agents, loss={"core": (600.0, 0.3)})
    lossy.lossy_from = "bac-binh"
    _, events = run(lossy, 1800.0)
    assert set(causes(events)) == {"link:bac-binh-line"}


def test_one_way_that_is_bad_in_two_ways_is_one_fault() -> None:
    """The room's answers waver because the line before its office loses packets."""
    table = Timetable(inventory=with_line("broadband"), loss=LOSSY)
    table.series(
        "bac-binh-room", "icmp_jitter_seconds", lambda at: 0.2 if at > 700.0 else 0.001, every=30.0
    )
    engine, events = run(table, 2400.0)
    assert causes(events) == ["link:bac-binh-line"]
    assert "bac-binh-room" in engine.view.open_incidents()[0].affected


def test_a_child_waits_for_a_doubtful_parent() -> None:
    """Chance lets the child's loss be proven first; the parent's is seen by then, and gets the word."""
    table = Timetable(inventory=with_line("broadband"))
    lost = {"bac-binh-router": (0.1, 0.0, 0.2), "bac-binh-room": (0.3, 0.3, 0.3)}
    for device, ratios in lost.items():
        table.series(
            device,
            "icmp_loss_ratio",
            lambda at, ratios=ratios: ratios[int(at / 30.0) % 3] if at > 600.0 else None,  # type: ignore[misc]
            every=30.0,
        )
    _, events = run(table, 3000.0)
    assert causes(events) == ["link:bac-binh-line"]


def registered(lost: tuple[str, ...]) -> list[Event]:
    """Five communes' rooms, of which these lose their registration after half an hour."""
    communes = [f"xa-{number}" for number in range(5)]
    rooms = [f"{commune}-room" for commune in communes]
    table = Timetable(inventory=district(communes), agents={"centre": tuple(rooms)}, interval=300.0)
    for place, room in enumerate(rooms):
        begin = 1800.0 + 40.0 * place
        table.series(
            room,
            "conference_registered",
            lambda at, gone=room in lost, begin=begin: float(not gone or at < begin),  # type: ignore[misc]
            every=150.0,
        )
    return run(table, 4200.0)[1]


def test_a_dead_conference_server_is_one_fault() -> None:
    """When nearly all rooms lose their registration together, none of them is to blame."""
    events = registered(("xa-0-room", "xa-1-room", "xa-2-room", "xa-3-room"))
    assert len({e.incident.id for e in named(events, "incident_opened")}) == 1
    assert causes(events) == ["site:centre"]
    assert causes(registered(("xa-1-room",))) == ["device:xa-1-room"]


def test_who_bears_least_is_not_blamed_for_speaking_first() -> None:
    """A room bears one percent, the router before it five: when both lose three, it is the line."""
    table = Timetable(inventory=with_line("broadband"))
    for device in ("bac-binh-router", "bac-binh-switch", "bac-binh-room"):
        table.series(
            device,
            "icmp_loss_ratio",
            lambda at: 0.1 if at > 600.0 and int(at / 30.0) % 3 == 0 else 0.0,
            every=30.0,
        )
    _, events = run(table, 4500.0)
    assert causes(events) == ["link:bac-binh-line"]


def test_dark_port_towards_a_box_that_is_off_on_purpose() -> None:
    """While the ONU is worked on the OLT's port hears nothing, and that is nobody's news."""
    plain = json.loads(district().to_json())
    plain["maintenance"] = [
        {
            "id": "work",
            "what": ["device:bac-binh-onu"],
            "from": "2023-11-14T22:13:20+00:00",
            "until": "2023-11-14T23:43:20+00:00",
            "why": "thay ONU",
        }
    ]
    table = Timetable(inventory=Inventory.model_validate(plain)).fail("bac-binh-onu", 600.0, 3000.0)
    table.series(
        "olt",
        "optical_receive_power_dbm",
        lambda at: -40.0 if 600.0 < at < 3000.0 else -20.0,
        interface="pon-1",
    )
    _, events = run(table, 4200.0)
    assert not causes(events)


def test_a_dark_line_beside_one_that_works() -> None:
    """Where the far end still answers by another way, only the dark port tells that a line is cut."""
    table = Timetable().series(
        "olt",
        "optical_receive_power_dbm",
        lambda at: -40.0 if at > 600.0 else -20.0,
        interface="pon-1",
    )
    _, events = run(table, 3000.0)
    assert causes(events) == ["link:bac-binh-fiber"]


def test_a_line_that_is_slow_from_both_sides_is_one_fault() -> None:
    """The office sees the centre slowly and the centre the office: neither waits for the other."""
    agents = {"centre": ("core", "bac-binh-router"), "bac-binh": ("core", "bac-binh-switch")}
    table = Timetable(
        inventory=with_line("broadband"),
        agents=agents,
        loss={"core": (600.0, 0.3), "bac-binh-router": (600.0, 0.3)},
    )
    table.lossy_from_afar = True
    _, events = run(table, 2400.0)
    assert len({e.incident.id for e in named(events, "incident_opened")}) == 1
    assert causes(events) == ["link:bac-binh-line"]
