"""Options of checks: what is named goes over what the class has, and every kind has its defaults."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from inventory.check import (
    CHECKS,
    DEFAULT_CHECKS,
    Check,
    HostCheck,
    IcmpCheck,
    PathCheck,
    TcpCheck,
)
from inventory.check_set import NamedChecks
from inventory.device import DeviceClass
from tests.inventory.conftest import Load


def test_every_class_has_defaults_and_every_kind_a_model() -> None:
    """The lists agree, and a kind's own defaults are valid."""
    assert list(DEFAULT_CHECKS) == list(DeviceClass)
    assert list(CHECKS) == ["icmp", "snmp", "http", "tls", "tcp", "dns", "host", "path", "xapi"]
    for kind, model in CHECKS.items():
        assert issubclass(model, Check)
        assert model().interval >= model().lasts(), kind
    for checks in DEFAULT_CHECKS.values():
        for kind, check in checks.items():
            assert type(check) is CHECKS[kind]


def test_rooms_and_lines_are_asked_every_half_minute() -> None:
    """Ten packets every 30 s, tables every 60 s."""
    for class_ in (DeviceClass.ROUTER, DeviceClass.LAN_SWITCH, DeviceClass.VC_ENDPOINT):
        icmp = DEFAULT_CHECKS[class_]["icmp"]
        assert isinstance(icmp, IcmpCheck)
        assert (icmp.interval, icmp.count, icmp.size) == (30.0, 10, 56)
        assert DEFAULT_CHECKS[class_]["snmp"].interval == 60.0


@pytest.mark.parametrize("ports", [[0], [65_536], "sip", list(range(1, 10))])
def test_other_ports_are_ports(ports: object) -> None:
    """Eight of them at most; a single one needs no brackets."""
    assert TcpCheck.model_validate({"port": 5060, "or_ports": 1720}).or_ports == (1720,)
    with pytest.raises(ValidationError):
        TcpCheck.model_validate({"port": 5060, "or_ports": ports})


def test_named_options_go_over_the_class_one_by_one() -> None:
    """An option that is not named keeps the value of the class, not of the kind."""
    named = NamedChecks.model_validate({"icmp": {"size": 100}, "tcp": {"port": 22}})
    merged = named.over({"icmp": IcmpCheck(interval=60.0, count=5)})
    assert merged == {"icmp": IcmpCheck(interval=60.0, count=5, size=100), "tcp": TcpCheck(port=22)}


@pytest.mark.parametrize("value", [None, True, {}])
def test_a_kind_that_is_merely_named_is_asked(value: object) -> None:
    """`host:`, `host: true` and `host: {}` mean the same."""
    named = NamedChecks.model_validate({"host": value})
    assert named.over({}) == {"host": HostCheck()}
    assert named.asks()


def test_a_kind_can_be_switched_off_and_stays_off_in_json() -> None:
    """`icmp: false` survives the journey to the agent."""
    named = NamedChecks.model_validate({"icmp": False})
    assert named.over({"icmp": IcmpCheck()}) == {}
    assert not named.asks()
    text = named.model_dump_json(exclude_unset=True)
    assert text == '{"icmp":false}'
    assert NamedChecks.model_validate_json(text).over({"icmp": IcmpCheck()}) == {}


def test_without_address_only_what_needs_none_is_asked(load: Load) -> None:
    """The agent's own machine has no need of one."""
    inventory = load(
        "devices:\n  - {id: pc, site: office, class: server, checks: {host: {volumes: [/]}}}\n"
    )
    assert inventory.checks_of("pc") == {"host": HostCheck(volumes=("/",))}


def test_a_service_with_checks_of_its_own_keeps_to_them(load: Load) -> None:
    """Naming `http` alone leaves the certificate out; switching one off keeps the rest."""
    inventory = load(
        "services:\n"
        "  - {id: a, name: A, url: 'https://a.example/', checks: {http: {status: 204}}}\n"
        "  - {id: b, name: B, url: 'https://b.example/', checks: {tls: false}}\n"
    )
    assert list(inventory.checks_of("a")) == ["http"]
    assert list(inventory.checks_of("b")) == ["http"]


def test_a_burst_must_fit_its_interval() -> None:
    """Otherwise one check would meet the next."""
    with pytest.raises(ValidationError, match=r"one check may last 10\.9 s"):
        IcmpCheck(interval=10.0, count=100, spacing=0.1)
    assert IcmpCheck(interval=11.0, count=100, spacing=0.1).lasts() == pytest.approx(10.9)


def test_the_path_goes_to_the_peer_or_to_the_device_itself(load: Load) -> None:
    """Nobody gets the check by default; a device without address may name a peer."""
    assert not any("path" in checks for checks in DEFAULT_CHECKS.values())
    inventory = load(
        "devices:\n"
        "  - {id: room, site: office, class: vc_endpoint,"
        " checks: {path: {peer: 10.10.0.5, name: district, port: 8620, budget: 50MB}}}\n"
        "  - {id: far, site: office, class: router, address: 10.1.1.1, checks: {path: true}}\n"
    )
    assert inventory.checks_of("room") == {
        "path": PathCheck(peer="10.10.0.5", name="district", port=8620, budget=50_000_000)
    }
    assert inventory.checks_of("far")["path"] == PathCheck(peer="10.1.1.1")
    assert PathCheck().lacks() == "peer"


def test_a_day_of_the_path_fits_what_its_class_may_spend() -> None:
    """With the defaults, over IPv6 too; an own budget goes over the class's."""
    path = PathCheck()
    day = 86_400 / path.interval * path.count * 2 * (path.size + 48)
    assert day < path.budget_of("lte_cpe") == path.budget_of("cell_station") < 25e6
    assert path.budget_of("vc_endpoint") > 10 * path.budget_of("lte_cpe")
    assert PathCheck(budget="1GB").budget_of("lte_cpe") == 1_000_000_000  # type: ignore[arg-type]
