"""What the other parts ask of an inventory."""

from __future__ import annotations

import pytest

from inventory.check import DnsCheck, HttpCheck, IcmpCheck, SnmpCheck, TcpCheck, TlsCheck
from inventory.inventory import Inventory
from inventory.load import example_folder, load_inventory
from telemetry.errors import InventoryError
from tests.inventory.conftest import Load

NETWORK = """
credentials:
  - {id: campus, version: 2c, community: {env: LTMON_TEST_COMMUNITY}}
  - {id: unused, version: 2c, community: plain-unused}
  - {id: secure, version: 3, user: mon, auth: {protocol: sha, password: plain-auth},
     privacy: {protocol: des, password: {env: LTMON_TEST_ABSENT}}}
logins:
  - {id: codec, user: monitor, password: plain-codec}
  - {id: other, user: monitor, password: plain-other}
devices:
  - {id: core, site: office, class: lan_switch, address: 10.0.0.1, snmp: {credentials: secure}}
  - {id: onu, site: bac-binh, class: fiber_onu, address: 10.1.0.1, parents: [core]}
  - {id: router, site: bac-binh, class: router, address: 10.1.0.2, parents: [onu], snmp: {credentials: campus}}
  - {id: room, site: bac-binh, class: vc_endpoint, address: 10.1.0.3, parents: [router], checks: {xapi: {login: codec}}}
  - {id: twin, site: bac-binh, class: server, address: "fd00::4", parents: [router, core], checks: {http: {}}}
links:
  - {id: fiber, kind: fiber, ends: [core/1, onu/pon0]}
  - {id: wire, kind: lan, ends: [twin/eth0, router/2]}
  - {id: far, kind: broadband, ends: [core/9, twin/eth1]}
services:
  - {id: portal, name: Cổng, url: "https://portal.example:8443/x", from: [bac-binh]}
  - {id: page, name: Trang, url: "http://[fd00::9]/", from: [office]}
  - {id: gate, name: Cổng thanh toán, tcp: "10.9.0.1:443", from: [bac-binh, office]}
  - {id: names, name: Tên miền, dns: portal.example, checks: {dns: {server: 10.0.0.53, expect: 10.0.0.9}}, from: [office]}
maintenance:
  - {id: m-site, what: site:bac-binh, from: 2026-11-24T12:00+07:00, until: 2026-11-24T14:00+07:00}
  - {id: m-device, what: [device:core, service:portal], from: 2026-11-25T12:00+07:00, until: 2026-11-25T14:00+07:00}
  - {id: m-link, what: [link:fiber], from: 2026-11-26T12:00+07:00, until: 2026-11-26T14:00+07:00}
  - {id: m-twin, what: [link:wire], from: 2026-11-27T12:00+07:00, until: 2026-11-27T14:00+07:00}
"""  # noqa: E501 - lines as people write them
NOON = 1_795_496_400.0  # 2026-11-24T12:00+07:00
DAY = 86_400.0


@pytest.fixture
def network(load: Load) -> Inventory:
    """Two sites, one way between them, a server with two ways in."""
    return load(NETWORK)


def test_every_kind_is_found_by_its_id(network: Inventory) -> None:
    """Unknown ids are None, also of another kind."""
    assert network.site("office").name == "UBND huyện"  # type: ignore[union-attr]
    assert network.device("core").title == "core"  # type: ignore[union-attr]
    assert network.service("portal").title == "Cổng"  # type: ignore[union-attr]
    assert network.link("fiber").kind == "fiber"  # type: ignore[union-attr]
    assert network.credential("campus").version == "2c"  # type: ignore[union-attr]
    for find in (network.site, network.device, network.service, network.link, network.credential):
        assert find("nobody") is None
    assert network.device("office") is None


def test_checks_follow_class_access_and_address(network: Inventory) -> None:
    """`snmp` is there exactly with access; a front page is asked at the device's own address."""
    assert network.checks_of("onu") == {"icmp": IcmpCheck()}
    assert network.checks_of("router") == {"icmp": IcmpCheck(), "snmp": SnmpCheck()}
    assert network.checks_of("twin")["http"] == HttpCheck(url="http://[fd00::4]/")
    assert network.checks_of("nobody") == {}


def test_checks_of_a_service_follow_its_place(network: Inventory) -> None:
    """https is asked with its certificate; every option that the place answers is filled in."""
    portal = network.checks_of("portal")
    assert list(portal) == ["http", "tls"]
    assert portal["http"] == HttpCheck(url="https://portal.example:8443/x")
    assert portal["tls"] == TlsCheck(host="portal.example", port=8443, server_name="portal.example")
    assert list(network.checks_of("page")) == ["http"]
    assert network.checks_of("gate") == {"tcp": TcpCheck(host="10.9.0.1", port=443)}
    names = network.checks_of("names")["dns"]
    assert names == DnsCheck(server="10.0.0.53", name="portal.example", expect=("10.0.0.9",))


def test_an_agent_asks_its_sites_and_what_it_watches(network: Inventory) -> None:
    """Devices of the sites, extra devices, services that a site asks; unknown ids passed over."""
    assert [t.id for t in network.targets_of(["office"])] == ["core", "page", "gate", "names"]
    targets = network.targets_of(["bac-binh"], extra=["core", "names", "nobody"])
    assert [t.id for t in targets] == [
        "core", "onu", "router", "room", "twin", "portal", "gate", "names",
    ]  # fmt: skip


def test_a_subset_holds_what_the_agent_needs_and_no_more(network: Inventory) -> None:
    """Sites with those above, its lines, credentials in use; no people and no other secrets."""
    subset = network.subset(["bac-binh"])
    assert [site.id for site in subset.sites] == ["office", "bac-binh"]
    assert [device.id for device in subset.devices] == ["onu", "router", "room", "twin"]
    assert [link.id for link in subset.links] == ["fiber", "wire", "far"]
    assert [c.id for c in subset.credentials] == ["campus"]
    assert [login.id for login in subset.logins] == ["codec"]
    assert network.subset(["office"]).logins == ()
    assert subset.maintenance == subset.meetings == subset.people == ()
    assert subset.checks_of("twin") == network.checks_of("twin")
    assert subset.topology.parents("onu") == ()  # its parent is beyond the subset
    assert [d.id for d in network.subset([], extra=["core"]).devices] == ["core"]


def test_secrets_are_revealed_only_on_request(
    network: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References stay, plain ones are withheld; what the collector cannot look up stays a reference."""
    monkeypatch.setenv("LTMON_TEST_COMMUNITY", "canary-community")
    monkeypatch.delenv("LTMON_TEST_ABSENT", raising=False)
    everything = ["office", "bac-binh"]
    quiet = network.subset(everything).to_json()
    assert "canary" not in quiet
    assert "plain-" not in quiet
    assert '{"env":"LTMON_TEST_COMMUNITY"}' in quiet
    revealed = network.subset(everything, reveal_secrets=True)
    assert "canary" not in revealed.to_json()
    there = Inventory.from_json(revealed.to_json(reveal_secrets=True))
    community = there.credential("campus").community  # type: ignore[union-attr]
    assert community is not None
    assert community.reveal() == "canary-community"
    assert there.login("codec").password.reveal() == "plain-codec"  # type: ignore[union-attr]
    secure = there.credential("secure")
    assert secure is not None
    assert secure.auth is not None
    assert secure.auth.password.reveal() == "plain-auth"
    assert secure.privacy is not None
    assert repr(secure.privacy.password) == "Secret(env LTMON_TEST_ABSENT)"


def test_json_gives_the_same_inventory_and_the_same_bytes() -> None:
    """The example survives the journey; an ETag over the text is stable."""
    inventory = load_inventory(example_folder())
    text = inventory.to_json()
    again = Inventory.from_json(text)
    assert again == inventory
    assert again.to_json() == text
    assert again.checks_of("bac-binh-router") == inventory.checks_of("bac-binh-router")
    assert again.topology.order == inventory.topology.order


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "The inventory received as JSON: "),
        ("{}", "The inventory received as JSON, key district: "),
        (
            '{"district": {"id": "d", "name": "D"}, "devices": [{"id": "a", "site": "s", "class": "x"}]}',
            "The inventory received as JSON, key devices.0.class: expected router, firewall, ",
        ),
    ],
)
def test_json_that_is_none_gets_a_sentence(text: str, sentence: str) -> None:
    """An agent says what it received instead of a traceback."""
    with pytest.raises(InventoryError) as raised:
        Inventory.from_json(text)
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value)


def test_maintenance_excuses_what_it_touches_and_only_then(network: Inventory) -> None:
    """The window's end is the first moment after it; a site's window excuses that site."""
    window = network.excused("room", NOON)
    assert window is not None
    assert window.id == "m-site"
    assert network.excused("room", NOON - 0.001) is None
    assert network.excused("room", NOON + 7199.0) is window
    assert network.excused("room", NOON + 7200.0) is None
    assert network.excused("core", NOON) is None


def test_maintenance_of_a_device_excuses_the_device_alone(network: Inventory) -> None:
    """What lies behind it is unreachable, which the engine says by itself."""
    assert network.excused("core", NOON + DAY) is not None
    assert network.excused("portal", NOON + DAY) is not None
    assert network.excused("onu", NOON + DAY) is None


def test_maintenance_of_a_line_excuses_what_has_no_other_way(network: Inventory) -> None:
    """Behind the fibre: onu, router, room, but not the server with a second way in."""
    at = NOON + 2 * DAY
    excused = [d.id for d in network.devices if network.excused(d.id, at)]
    assert excused == ["onu", "router", "room"]
    assert not any(network.excused(d.id, NOON + 3 * DAY) for d in network.devices)


def test_limits_inherit_from_wide_to_narrow(load: Load) -> None:
    """Shipped < district < class < site < device, key by key; the later of two equals wins."""
    inventory = load(
        "devices:\n"
        "  - {id: a, site: office, class: router}\n"
        "  - {id: b, site: bac-binh, class: router}\n"
        "  - {id: c, site: bac-binh, class: lan_switch}\n"
        "  - {id: v, site: office, class: vc_endpoint}\n"
        "expectations:\n"
        "  - {for: {device: b}, icmp_loss_ratio: {critical: 0.9}}\n"
        "  - {for: {site: bac-binh}, icmp_loss_ratio: {degraded: 0.08}}\n"
        "  - {for: {class: router}, icmp_loss_ratio: {degraded: 0.07, for: 5m}}\n"
        "  - {for: district, icmp_loss_ratio: {clear: 0.011}, wifi_clients: {degraded: 50}}\n"
        "  - {for: {class: router}, icmp_loss_ratio: {for: 6m}}\n"
    )

    def limit(device: str) -> tuple[object, ...]:
        found = inventory.limit_of("icmp_loss_ratio", device)
        assert found is not None
        return (found.degraded, found.critical, found.clear, found.for_seconds)

    assert limit("a") == (0.07, 0.3, 0.011, 360.0)
    assert limit("b") == (0.08, 0.9, 0.011, 360.0)
    assert limit("c") == (0.08, 0.3, 0.011, 0.0)
    assert inventory.limit_of("wifi_clients", "a").degraded == 50  # type: ignore[union-attr]
    assert inventory.limit_of("wifi_clients", "b").critical is None  # type: ignore[union-attr]
    assert inventory.limit_of("optical_bias_amperes", "a") is None


def test_a_class_ships_limits_of_its_own(load: Load) -> None:
    """A room hears one per cent of loss; nobody else does."""
    inventory = load("devices:\n  - {id: v, site: office, class: vc_endpoint}\n")
    room = inventory.limit_of("icmp_loss_ratio", "v")
    assert room is not None
    assert (room.degraded, room.clear, room.for_seconds) == (0.01, 0.005, 0.0)
    service = inventory.limit_of("icmp_loss_ratio", "some-service")
    assert service is not None
    assert service.degraded == 0.02


def test_radio_ships_limits_of_its_own(load: Load) -> None:
    """What is seen over a mobile network may lose more, unless the district says otherwise."""
    inventory = load(
        "devices:\n"
        "  - {id: v, site: office, class: vc_endpoint}\n"
        "  - {id: r, site: office, class: router}\n"
        "expectations:\n"
        "  - {for: {class: router}, icmp_loss_ratio: {degraded: 0.07}}\n"
    )
    found = [inventory.limit_of("icmp_loss_ratio", name, over_radio=True) for name in "vr"]
    assert [limit.degraded for limit in found if limit] == [0.03, 0.07]


def test_rooms_are_the_video_conference_endpoints(network: Inventory) -> None:
    """In the order of the files."""
    assert [room.id for room in network.rooms] == ["room"]
