"""What a good folder gives, and what is worth a warning."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest
import yaml

from inventory.check import CHECKS, IcmpCheck
from inventory.device import DeviceClass
from inventory.document import read_document
from inventory.expectation import LIMIT_NAMES
from inventory.inventory import Inventory, InventoryFile
from inventory.load import examine, example_folder, inventory_schema, load_inventory
from inventory.profile import Profile
from inventory.site import SiteKind
from telemetry.errors import ConfigError
from tests.inventory.conftest import HEAD, Load, Write

CONTRACT = """
devices:
  - id: olt-1
    site: office
    class: fiber_olt
    address: 10.10.0.11
  - id: bac-binh-onu
    site: bac-binh
    class: fiber_onu
  - id: bac-binh-router
    site: bac-binh
    class: router
    address: 10.11.1.1
    parents: []
    profile: auto
    snmp: {credentials: campus-v2c}
    installed: 2016-05-01
    checks: {icmp: {interval: 30s, count: 10}, snmp: {interval: 60s}}
links:
  - {id: bac-binh-fiber, kind: fiber, ends: [olt-1/gpon-0-1, bac-binh-onu/pon0], carrier: VNPT}
services:
  - id: one-stop
    name: Một cửa điện tử
    url: https://example.vn/
    checks: {http: {status: 200, contains: "…"}, tls: {}}
    from: [bac-binh]
credentials:
  - {id: campus-v2c, version: 2c, community: {env: SNMP_COMMUNITY}}
  - id: secure
    version: 3
    user: mon
    auth: {protocol: sha256, password: {file: a}}
    privacy: {protocol: aes256, password: {file: b}}
maintenance:
  - id: w47
    what: [site:bac-binh]
    from: 2026-11-24T12:00+07:00
    until: 2026-11-24T14:00+07:00
    why: thay ắc quy
meetings:
  - id: weekly
    title: Giao ban tuần
    rooms: all
    start: 2026-11-23T08:00+07:00
    repeat: weekly
    duration: 2h
people:
  - id: lead
    name: An
    role: lead
    language: vi
    reach: [{channel: email, to: a@example.vn}, {channel: telegram, to: -10012}]
expectations:
  - {for: {class: vc_endpoint}, icmp_loss_ratio: {degraded: 0.01, clear: 0.005, for: 2m}}
"""


def test_the_contract_s_example_loads(load: Load) -> None:
    """Every key of the contract is known and becomes what it says."""
    inventory = load(CONTRACT)
    router = inventory.device("bac-binh-router")
    assert router is not None
    assert router.class_ is DeviceClass.ROUTER
    assert router.snmp is not None
    assert (router.snmp.credentials, router.snmp.port, router.snmp.engine) == (
        "campus-v2c",
        161,
        "auto",
    )
    assert str(router.installed) == "2016-05-01"
    assert inventory.checks_of("bac-binh-router")["icmp"] == IcmpCheck(interval=30.0, count=10)
    link = inventory.link("bac-binh-fiber")
    assert link is not None
    assert link.end_devices == ("olt-1", "bac-binh-onu")
    assert link.end_ports == ("gpon-0-1", "pon0")
    assert inventory.people[0].reach[1].to == "-10012"
    assert inventory.credentials[1].version == "3"
    assert inventory.district.timezone == "Asia/Ho_Chi_Minh"
    assert inventory.meetings[0].duration == 7200.0


def test_words_that_other_yaml_readers_change_stay_words(load: Load) -> None:
    """`no`, `on`, `12:30` and a number with a leading zero are texts; numbers may stand for texts."""
    inventory = load(
        "people:\n"
        "  - {id: no, name: on, role: 007, reach: [{channel: sms, to: 0912345678}, "
        "{channel: sms, to: 12:30}]}\n"
        "  - {id: 12, name: 5, role: lead, reach: [{channel: sms, to: +84912345678}]}\n"
    )
    first, second = inventory.people
    assert (first.id, first.name, first.role) == ("no", "on", "007")
    assert [reach.to for reach in first.reach] == ["0912345678", "12:30"]
    assert (second.id, second.name, second.reach[0].to) == ("12", "5", "+84912345678")


def test_a_byte_order_mark_and_yml_and_nothing_below_a_key_are_fine(tmp_path: Path) -> None:
    """As Notepad and tired people write."""
    (tmp_path / "a.yml").write_bytes(b"\xef\xbb\xbf" + (HEAD + "devices:\n# - none yet\n").encode())
    (tmp_path / ".hidden.yaml").write_text("not: ours\n")
    assert load_inventory(tmp_path).devices == ()


def test_lists_of_one_need_no_brackets(load: Load) -> None:
    """`parents: olt-1` is plain enough."""
    inventory = load(
        "devices:\n"
        "  - {id: olt-1, site: office, class: fiber_olt}\n"
        "  - {id: onu, site: bac-binh, class: fiber_onu, parents: olt-1}\n"
    )
    assert inventory.device("onu").parents == ("olt-1",)  # type: ignore[union-attr]


def test_anchors_are_understood(load: Load) -> None:
    """An anchor saves typing; what it repeats has the lines of the place where it is used."""
    inventory = load(
        "devices:\n"
        "  - {id: a, site: bac-binh, class: router, checks: &often {icmp: {interval: 10s}}}\n"
        "  - {id: b, site: bac-binh, class: router, checks: *often}\n"
    )
    first, second = inventory.devices
    assert first.checks == second.checks


def test_the_example_is_the_district() -> None:
    """2 towns, 18 communes, 2 district offices, 22 rooms, stations; without errors or warnings."""
    found = examine(example_folder())
    assert [str(problem) for problem in (*found.errors, *found.warnings)] == []
    inventory = found.inventory
    assert inventory is not None
    kinds = [site.kind for site in inventory.sites]
    counts = {kind: kinds.count(kind) for kind in SiteKind}
    assert counts[SiteKind.TOWN] == 2
    assert counts[SiteKind.COMMUNE] == 18
    assert counts[SiteKind.DISTRICT] == 2
    assert 8 <= counts[SiteKind.STATION] <= 10
    assert len(inventory.rooms) == 22
    assert inventory.site("bac-binh").name == "UBND xã Bắc Bình"  # type: ignore[union-attr]


def test_every_office_of_the_example_has_its_equipment() -> None:
    """ONU, router, switch, room, server or PC, UPS, wired in that order behind an OLT."""
    inventory = load_inventory(example_folder())
    offices = [s for s in inventory.sites if s.kind in (SiteKind.TOWN, SiteKind.COMMUNE)]
    for site in offices:
        ours = {d.id.removeprefix(f"{site.id}-"): d for d in inventory.devices if d.site == site.id}
        assert {"onu", "router", "switch", "room", "ups"} <= set(ours)
        assert {"server", "pc"} & set(ours)
        way = inventory.topology.ancestors(f"{site.id}-room")
        assert way[:3] == (f"{site.id}-switch", f"{site.id}-router", f"{site.id}-onu")
        assert way[3] in ("olt-1", "olt-2")
        assert inventory.topology.edges_of(site.id) == (f"{site.id}-onu",)
        fiber = inventory.topology.link_between(way[3], f"{site.id}-onu")
        assert fiber is not None
        assert fiber.kind == "fiber"


def test_the_example_loads_without_its_secrets_and_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """References are looked up when a secret is used, not before; 22 offices load in half a second."""
    monkeypatch.delenv("SNMP_COMMUNITY", raising=False)
    begun = time.process_time()
    inventory = load_inventory(example_folder())
    assert time.process_time() - begun < 0.5
    community = inventory.credentials[0].community
    assert community is not None
    with pytest.raises(ConfigError, match="SNMP_COMMUNITY is not set"):
        community.reveal()


def test_warnings_name_the_place(write: Write) -> None:
    """Plain secrets, unmeasured devices, unasked services, missing spares, folders that are not read."""
    devices = "".join(
        f"  - {{id: r{n}, site: bac-binh, class: router, address: 10.0.0.{n}}}\n"
        for n in range(1, 6)
    )
    folder = write(
        "credentials:\n  - {id: plain, version: 2c, community: public}\n"
        "services:\n  - {id: portal, name: P, url: 'http://example.vn/'}\n"
        f"devices:\n{devices}"
        "  - {id: dark, site: bac-binh, class: camera}\n"
        "  - {id: mute, site: bac-binh, class: camera, address: 10.0.0.9, checks: {icmp: false}}\n"
    )
    (folder / "deeper").mkdir()
    (folder / "deeper" / "lost.yaml").write_text("sites: []\n")
    found = examine(folder)
    assert found.errors == ()
    assert [(p.line, p.key, p.message) for p in found.warnings] == [
        (16, "devices[dark]", "the device has no address and will not be measured"),
        (
            17,
            "devices[mute].checks",
            "all checks are switched off: the device will not be measured",
        ),
        (9, "services[portal]", "no site asks for this service; name some in from: [site, …]"),
        (
            7,
            "credentials[plain].community",
            "the secret stands in the file itself; {env: NAME} or {file: PATH} is safer",
        ),
        (
            None,
            "",
            "none of the 5 devices of class router has a spare (spare: true) for the day it dies",
        ),
        (None, "", "folders inside the inventory's folder are not read"),
    ]
    assert not any("public" in str(problem) for problem in found.warnings)


def test_read_document_reads_any_model(tmp_path: Path) -> None:
    """Other configuration files get the same sentences."""
    path = tmp_path / "profile.yaml"
    path.write_text("id: x\ntext: X\nclass: router\n")
    assert read_document(path, Profile).class_ is DeviceClass.ROUTER
    path.write_text("id: x\ntext: X\nclass: ruter\nid: y\n")
    with pytest.raises(ConfigError, match=r"line 4, key id: the key stands twice, first in line 1"):
        read_document(path, Profile)
    path.write_text("id: x\ntext: X\nclas: router\n")
    with pytest.raises(
        ConfigError, match=r'line 3, key clas: not a known key; did you mean "class"\?$'
    ):
        read_document(path, Profile)
    with pytest.raises(ConfigError, match=r"there is no such file\.$"):
        read_document(tmp_path / "none.yaml", Profile)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_document(tmp_path, Profile)


def test_a_file_may_not_use_the_names_of_fields(tmp_path: Path) -> None:
    """Only code writes `class_`."""
    path = tmp_path / "profile.yaml"
    path.write_text("id: x\ntext: X\nclass_: router\n")
    with pytest.raises(ConfigError, match='class_: not a known key; did you mean "class"'):
        read_document(path, Profile)


def test_the_schema_names_every_key_and_kind() -> None:
    """Editors complete sections, classes, checks and limits."""
    schema = inventory_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert list(schema["properties"]) == list(InventoryFile.model_fields)
    assert schema["additionalProperties"] is False
    definitions = schema["$defs"]
    assert definitions["DeviceClass"]["enum"] == [c.value for c in DeviceClass]
    assert list(definitions["NamedChecks"]["properties"]) == list(CHECKS)
    assert "class" in definitions["Device"]["required"]
    assert set(LIMIT_NAMES) <= set(definitions["Expectation"]["properties"])
    assert definitions["Expectation"]["additionalProperties"] is False


def test_the_schema_accepts_the_example() -> None:
    """With a validator of JSON Schema where one is installed, else by walking its keys ourselves."""
    schema = inventory_schema()
    files = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in example_folder().glob("*.yaml")
    ]
    for data in files:
        assert set(data) <= set(schema["properties"])
        if importlib.util.find_spec("jsonschema"):
            import jsonschema

            jsonschema.validate(_texts(data), schema)
        else:
            for section, items in data.items():
                _known_keys(schema, section, items)


def _texts(data: object) -> object:
    """Dates as the texts that they are in the file."""
    if isinstance(data, dict):
        return {key: _texts(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_texts(value) for value in data]
    return data if data is None or isinstance(data, bool | int | float | str) else str(data)


def _known_keys(schema: dict[str, object], section: str, items: object) -> None:
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    names = {"sites": "Site", "devices": "Device", "links": "Link", "services": "Service"}
    if section in names and isinstance(items, list):
        for item in items:
            definition = definitions[names[section]]
            assert set(item) <= set(definition["properties"])
            assert set(definition["required"]) <= set(item)


def test_an_inventory_is_frozen(load: Load) -> None:
    """What flows between the parts does not change under their hands."""
    inventory: Inventory = load("")
    with pytest.raises(ValueError, match="frozen"):
        inventory.devices = ()  # type: ignore[misc]
