"""Any inventory survives the journey as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.check import CHECKS
from inventory.device import DeviceClass
from inventory.expectation import LIMIT_NAMES
from inventory.inventory import Inventory
from inventory.site import SiteKind

SLUGS = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?", fullmatch=True)
NAMES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda time: time.replace(tzinfo=UTC)
)
DURATIONS = st.integers(120, 3600).map(lambda seconds: f"{seconds}s") | st.floats(120, 3600)
SECRETS = (
    st.builds(lambda name: {"env": name}, SLUGS)
    | st.builds(lambda name: {"file": f"/{name}"}, SLUGS)
    | NAMES
)
SITES = st.fixed_dictionaries(
    {"id": SLUGS, "name": NAMES, "kind": st.sampled_from(SiteKind)},
    optional={"parent": SLUGS, "people": st.integers(0, 999)},
)
OPTIONS = st.none() | st.booleans() | st.fixed_dictionaries({}, optional={"interval": DURATIONS})
DEVICES = st.fixed_dictionaries(
    {"id": SLUGS, "site": SLUGS, "class": st.sampled_from(DeviceClass)},
    optional={
        "name": NAMES,
        "address": st.ip_addresses().map(str),
        "parents": st.lists(SLUGS, max_size=3) | SLUGS,
        "installed": st.dates(),
        "spare": st.booleans(),
        "serves": st.lists(NAMES, max_size=2),
        "checks": st.dictionaries(st.sampled_from(list(CHECKS)), OPTIONS, max_size=3),
        "snmp": st.fixed_dictionaries(
            {"credentials": SLUGS}, optional={"port": st.integers(1, 65535)}
        ),
    },
)
LIMITS = st.fixed_dictionaries(
    {}, optional={"degraded": st.none() | st.floats(-1e6, 1e6), "for": DURATIONS}
)
SCOPES = (
    st.just("district")
    | st.builds(lambda site: {"site": site}, SLUGS)
    | st.sampled_from(DeviceClass).map(lambda class_: {"class": class_.value})
)
EXPECTATIONS = st.builds(
    lambda scope, limits: {"for": scope, **limits},
    SCOPES,
    st.dictionaries(st.sampled_from(LIMIT_NAMES), LIMITS, max_size=3),
)
MAINTENANCE = st.builds(
    lambda id_, times, what: {"id": id_, "what": what, "from": times[0], "until": times[1]},
    SLUGS,
    st.lists(TIMES, min_size=2, max_size=2, unique=True).map(sorted),
    st.lists(SLUGS.map(lambda id_: f"site:{id_}"), min_size=1, max_size=2),
)
CREDENTIALS = st.builds(
    lambda id_, secret: {"id": id_, "version": "2c", "community": secret}, SLUGS, SECRETS
)
INVENTORIES = st.fixed_dictionaries(
    {"district": st.builds(lambda id_, name: {"id": id_, "name": name}, SLUGS, NAMES)},
    optional={
        "sites": st.lists(SITES, max_size=3),
        "devices": st.lists(DEVICES, max_size=3),
        "credentials": st.lists(CREDENTIALS, max_size=2),
        "maintenance": st.lists(MAINTENANCE, max_size=2),
        "expectations": st.lists(EXPECTATIONS, max_size=3),
    },
)


@settings(deadline=None, max_examples=30)
@given(INVENTORIES)
def test_json_brings_back_the_same_inventory(data: dict[str, object]) -> None:
    """Equal, and the same bytes again; the text without secrets is stable too."""
    inventory = Inventory.model_validate(data)
    text = inventory.to_json(reveal_secrets=True)
    again = Inventory.from_json(text)
    assert again == inventory
    assert again.to_json(reveal_secrets=True) == text
    assert again.to_json() == inventory.to_json()
    for device in inventory.devices:
        assert again.checks_of(device.id) == inventory.checks_of(device.id)
        for name in ("icmp_loss_ratio", "wifi_clients"):
            assert again.limit_of(name, device.id) == inventory.limit_of(name, device.id)
