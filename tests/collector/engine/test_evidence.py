"""What no real device has proven is kept, but never becomes a finding."""

from __future__ import annotations

import pytest

from inventory.inventory import Inventory
from tests.collector.engine.timetable import Timetable, district, named, run

INFO = dict.fromkeys(("vendor", "model", "os", "serial"), "")
UPS = "bac-binh-ups"
CHANGE = 1800.0


def low_battery(inventory: Inventory, *profiles: str) -> Timetable:
    """A battery at 10 % from the tenth minute on; the UPS says `profiles`, each for half an hour."""
    table = Timetable(inventory)
    table.series(UPS, "battery_charge_ratio", lambda at: 0.1 if at > 600.0 else 1.0, every=30.0)
    for place, profile in enumerate(profiles):
        table.series(
            UPS,
            "device_info",
            lambda at, place=place: 1.0 if at // CHANGE == place else None,  # type: ignore[misc]
            **INFO,
            profile=profile,
        )
    return table


def pinned(profile: str) -> Inventory:
    """The district, whose inventory names the profile of the UPS."""
    found = district()
    devices = [
        device.model_copy(update={"profile": profile}) if device.id == UPS else device
        for device in found.devices
    ]
    return found.model_copy(update={"devices": tuple(devices)})


@pytest.mark.parametrize(
    ("inventory", "said", "opened"),
    [
        (district(), ("delta-ups",), 0),  # by the MIB alone
        (district(), ("apc-ups",), 1),  # seen on a recorded device
        (district(), ("no-such-profile",), 1),
        (district(), (), 1),  # from somebody else's exporter: the standard UPS-MIB, perhaps
        (pinned("delta-ups"), (), 0),
        (pinned("delta-ups"), ("apc-ups",), 1),  # what the device was asked as counts
    ],
)
def test_only_what_is_proven_alarms(
    inventory: Inventory, said: tuple[str, ...], opened: int
) -> None:
    """The value itself is there either way."""
    engine, events = run(low_battery(inventory, *said), 1500.0)
    assert len(named(events, "incident_opened")) == opened
    assert engine.view.latest(UPS)["battery_charge_ratio", ()][1] == 0.1


def test_a_finding_ends_when_its_evidence_does() -> None:
    """A device that turns out to be of another family is judged by that family's evidence from then on."""
    _, events = run(low_battery(district(), "apc-ups", "delta-ups"), 2400.0)
    assert [e.kind.value for e in events if e.kind.value.startswith("incident")][:1] == [
        "incident_opened"
    ]
    assert len(named(events, "incident_resolved")) == 1
