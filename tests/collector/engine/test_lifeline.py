"""The fibre is dark and the office still answers over the mobile network: there is power, it is the line."""

from __future__ import annotations

import pytest

from collector.events import Event
from collector.state import HealthState
from inventory.inventory import Inventory
from tests.collector.engine.courier import HOUR, OTHERS, OWN, Courier
from tests.collector.engine.test_inquiry import uptime
from tests.collector.engine.timetable import START, Timetable, district, named, run

OUT, BACK = 600.0, 1500.0
DOORS = ("bac-binh-onu", "bac-binh-router")
INSIDE = tuple(name for name in OWN if name not in DOORS)


def mobile(parent: str) -> Inventory:
    """A district whose commune has a 4G modem, entered behind its router or as a way of its own."""
    made = district().model_dump(mode="json")
    modem = {"id": "bac-binh-lte", "site": "bac-binh", "class": "lte_cpe", "name": "Modem 4G"}
    made["devices"].append({**modem, "address": "10.11.1.20", "parents": [parent]})
    line = {"id": "bac-binh-4g", "kind": "cellular", "ends": ["core/wan", "bac-binh-lte/lte0"]}
    return Inventory.model_validate({**made, "links": [*made["links"], line]})


class OverTheAir(Timetable):
    """The modem answers whatever is dead but itself."""

    def answers(self, device: str, at: float) -> bool:
        if device == "bac-binh-lte":
            return not any(a <= at < b for a, b in self.dead.get(device, ()))
        return super().answers(device, at)


@pytest.mark.parametrize("parent", ["core", "bac-binh-router"])
def test_modem_answers(parent: str) -> None:
    """Whatever the inventory hangs it on: it answers, so the office has power, and the fibre is cut."""
    table = OverTheAir(inventory=mobile(parent)).fail("bac-binh-onu", OUT, BACK)
    engine, events = run(table, 1400.0)
    (opened,) = named(events, "incident_opened")
    assert opened.at <= START + OUT + 75.0
    (incident,) = engine.view.open_incidents()
    assert incident.cause == "link:bac-binh-fiber"
    assert "there is power, so probably the line is cut" in incident.reason.template
    assert incident.reason.values["name"] == "Modem 4G"
    assert "bac-binh-lte" not in incident.affected
    assert len(named(events, "notification")) == 1


def test_modem_that_is_dark_as_well() -> None:
    """All is dark: nothing tells the line from the box, as before."""
    table = OverTheAir(inventory=mobile("core")).fail("bac-binh-onu", OUT).fail("bac-binh-lte", OUT)
    engine, _ = run(table, 1400.0)
    assert "device:bac-binh-onu" in {i.cause for i in engine.view.open_incidents()}


def test_the_box_restarted_after_all() -> None:
    """Once it is back it tells that it had been off: that outweighs what was likely before."""
    table = OverTheAir(inventory=mobile("core")).fail("bac-binh-onu", OUT, BACK)
    for name in ("onu", "router", "switch", "room"):
        restart = BACK - 40.0 if name == "onu" else None
        table.series(f"bac-binh-{name}", "device_uptime_seconds", uptime(restart), every=60.0)
    _, events = run(table, 2700.0)
    told = [event.incident for event in events if event.incident]
    assert told[-1].cause == "device:bac-binh-onu"
    assert len({incident.id for incident in told}) == 1


def office(heard_from: float, agents: dict[str, tuple[str, ...]] | None = None) -> list[Event]:
    """The centre has lost the doors; the office's agent is heard from `heard_from` on all the same."""
    seen = agents or {"centre": (*OTHERS, *DOORS), "bac-binh": INSIDE}
    courier = Courier(Timetable(agents=seen).fail("bac-binh-onu", OUT, BACK), HOUR)
    courier.take_over("bac-binh", Courier(Timetable(agents=seen), HOUR))
    courier.live(0.0, OUT, ("centre", "bac-binh"))
    courier.live(OUT, heard_from, ("centre",))
    courier.live(heard_from, 1490.0, ("centre", "bac-binh"))
    for name in INSIDE:
        assert courier.engine.view.health_of(name).state is not HealthState.DOWN
    return courier.events


@pytest.mark.parametrize("heard_from", [OUT, OUT + 40.0, OUT + 120.0])
def test_the_office_is_heard(heard_from: float) -> None:
    """Its measurements go on arriving, all along or once its router has changed over: the line is cut."""
    events = office(heard_from)
    assert len(named(events, "incident_opened")) == 1
    incident = [event.incident for event in events if event.incident][-1]
    assert incident.cause == "link:bac-binh-fiber"
    assert "arrive over another way" in incident.reason.template


def test_the_office_has_lost_the_box_as_well() -> None:
    """It is heard, but says itself that its ONU is dead: then it is the ONU."""
    agents = {"centre": (*OTHERS, *DOORS), "bac-binh": (*INSIDE, "bac-binh-onu")}
    courier = Courier(Timetable(agents=agents).fail("bac-binh-onu", OUT, BACK), HOUR)
    inside = Timetable(agents=agents).fail("bac-binh-onu", OUT, BACK)
    inside.answers = lambda device, at: (  # type: ignore[method-assign]
        device != "bac-binh-onu" or not OUT <= at < BACK
    )
    courier.take_over("bac-binh", Courier(inside, HOUR))
    courier.live(0.0, 1490.0, ("centre", "bac-binh"))
    (opened,) = named(courier.events, "incident_opened")
    assert opened.incident.cause == "device:bac-binh-onu"
    assert [i.cause for i in courier.engine.view.open_incidents()] == ["device:bac-binh-onu"]


def test_back_together_with_the_line() -> None:
    """The ONU starts anew for a while; that the office is heard a moment before it is looked at again
    proves nothing.
    """
    agents = {"centre": (*OTHERS, *DOORS), "bac-binh": INSIDE}
    courier = Courier(Timetable(agents=agents).fail("bac-binh-onu", OUT, OUT + 100.0), HOUR)
    courier.take_over("bac-binh", Courier(Timetable(agents=agents), HOUR))
    courier.live(0.0, OUT, ("centre", "bac-binh"))
    courier.live(OUT, OUT + 100.0, ("centre",))
    courier.live(OUT + 100.0, 1200.0, ("centre", "bac-binh"))
    assert {e.incident.cause for e in courier.events if e.incident} == {"device:bac-binh-onu"}
