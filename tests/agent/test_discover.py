"""Discovery against a network whose every host is known, and its parts by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import yaml

from agent.discover import Discovery, Host
from agent.discover_neighbours import (
    Heard,
    Neighbours,
    decode_arp,
    decode_heard,
    decode_seen,
    read_neighbours,
)
from agent.discover_networks import addresses_in
from agent.discover_state import StateFile
from agent.discover_yaml import as_yaml, ids_for, proposals_for
from agent.probe import Reason
from agent.snmp.poll import Poll
from agent.snmp.session import USUAL_LIMITS, SnmpFailure, Value, Walk, WalkLimits
from inventory.credentials import Credentials
from telemetry.errors import ConfigError
from tests.agent.icmp.far import answer, answer_after, far_network
from tests.agent.snmp.recorded import Address, decode, device, octets, replying

anyio = pytest.mark.anyio


@anyio
@pytest.mark.usefixtures("requires_root")
async def test_1024_addresses_of_which_50_answer() -> None:
    """Well under 20 s, the slow ones as well; a dead address costs two echoes, a living one mostly one."""
    with far_network(raw=True) as far:
        addresses = addresses_in(["10.77.4.0/22"])
        living = addresses[::21][:50]
        for number, address in enumerate(living):
            far.hosts[address] = answer_after(0.7) if number % 10 == 0 else answer
        far.start()
        discovery = Discovery(addresses, (), far.engine, time.monotonic)
        started = time.monotonic()
        await discovery.run()
        seconds = time.monotonic() - started
        far.engine.close()
    assert set(discovery.hosts) == set(living)
    assert len(addresses) == 1022
    assert seconds < 20, f"{seconds:.1f} s"
    assert {far.seen[one] for one in set(addresses) - set(living)} == {2}
    assert discovery.swept == len(addresses)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["0.0.0.0/0"], "0.0.0.0/0: "),
        (["::/0"], "::/0: "),
        (["10.0.0.0/15"], "10.0.0.0/15: 131072 addresses are too many"),
        (["10.0.0.0/16", "10.1.0.0/30"], "10.0.0.0/16, 10.1.0.0/30: 65540 addresses are too many"),
        (["224.0.0.0/24"], "224.0.0.0/24: multicast addresses"),
        (["ff02::/120"], "ff02::/120: multicast addresses"),
        (["255.255.255.255"], "255.255.255.255/32: there are no devices"),
        (["::ffff:10.0.0.0/120"], "an IPv4 network is written as one"),
        (["office"], '"office" is no network, expected something like 10.11.1.0/24'),
        (["10.0.0.7/24"], '"10.0.0.7/24" is no network; did you mean "10.0.0.0/24"?'),
    ],
)  # fmt: skip
def test_networks_that_are_refused(words: list[str], sentence: str) -> None:
    """Before anything is sent, with one sentence."""
    with pytest.raises(ConfigError) as refused:
        addresses_in(words)
    assert sentence in str(refused.value)


def test_addresses_are_those_of_hosts_each_once() -> None:
    """Overlaps count once; a /16 is just allowed."""
    assert addresses_in(["10.0.0.0/30", "10.0.0.2", "10.0.0.0/31"]) == (
        "10.0.0.1",
        "10.0.0.2",
        "10.0.0.0",
    )
    assert len(addresses_in(["10.1.0.0/16", "10.1.2.0/24"])) == 65_534


MAC = b"\x00\x11\x22\x33\x44\x55"


class Tables:
    """A session with a device that has just these rows under the columns."""

    requests = 0

    def __init__(self, rows: dict[str, dict[str, Value]]) -> None:
        self.rows = rows

    async def get(self, oids: Sequence[str]) -> dict[str, Value | None]:
        raise SnmpFailure(Reason.MALFORMED, "it has none of it and says so badly")

    async def walk(self, prefix: str, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        found = self.rows.get(prefix, {})
        return Walk(tuple((f"{prefix}.{index}", value) for index, value in found.items()))

    def close(self) -> None:
        pass


@anyio
async def test_tables_of_a_device() -> None:
    """LLDP with its addresses, the bridge's table by VLAN where it has no other, ARP."""
    lldp, vlan = "1.0.8802.1.1.2.1.4", "1.3.6.1.2.1.17.7.1.2.2.1.2"
    session = Tables({
        f"{lldp}.1.1.5": {"0.24.1": MAC, "0.25.2": b"core"},
        f"{lldp}.1.1.9": {"0.24.1": b"gw\x1b[0m"},
        f"{lldp}.2.1.3": {"0.24.1.1.4.10.0.0.1": 2, "0.25.2.6.6.1.2.3.4.5.6": 1},
        vlan: {"10.0.17.34.51.68.85": 7, "10.1.2": 3, "10.0.17.34.51.68.86": 0},
        "1.3.6.1.2.1.4.22.1.2": {"3.10.0.0.9": MAC},
    })  # fmt: skip
    found = await read_neighbours(Poll(session, time.monotonic))
    address = "00:11:22:33:44:55"
    assert found.heard == (Heard("24", address, "gw[0m", ("10.0.0.1",)), Heard("25", "core"))
    assert found.seen == {address: 7}
    assert found.arp == {"10.0.0.9": address}


def test_tables_that_lie() -> None:
    """Indexes that are too short, arcs beyond an octet, MACs of groups: left out, nothing raised."""
    assert decode_heard({"1": MAC, "": MAC}, {}, {"": 1, "0.1.1.1.4.300.1.1.1": 1}) == ()
    assert decode_seen({"1.2.3": 1, "1.2.3.4.5.999": 1, "": 4, "1.2.3.4.5.6": b"x"}) == {}
    assert decode_arp({"1.10.0.0.300": MAC, "1.10.0.0.1": b"\x01\x00\x5e\x00\x00\x01"}) == {}


def test_ids_are_unique_slugs() -> None:
    """From the name without its domain, else the address; never one that is taken."""
    hosts = [
        Host("10.0.0.1", name="SW-Core.example.vn"), Host("10.0.0.2", name="Sw Core"),
        Host("10.0.0.3", name="\u202e!!"), Host("10.0.0.4", name="localhost"),
        Host("10.0.0.5", name="Uỷ ban Đồng Ích"), Host("fd00::1", name="old"),
        Host("10.0.0.7", name="9" * 300),
    ]  # fmt: skip
    found = ids_for(hosts, {"old", "10-0-0-3"})
    assert found["10.0.0.1"] == "sw-core"
    assert found["10.0.0.2"] == "sw-core-10-0-0-2"
    assert found["10.0.0.3"] == "10-0-0-3-2"
    assert found["10.0.0.4"] == "10-0-0-4"
    assert found["10.0.0.5"] == "uy-ban-dong-ich"
    assert found["fd00::1"] == "old-fd00-0-1"
    assert len(found["10.0.0.7"]) == 63
    assert len(set(found.values())) == len(hosts)


@pytest.mark.parametrize(
    "name", ["on", "1e3", "2020-01-01", "null", "0x1f", "12:30:45", "- a", "*x", "&y"]
)
def test_names_that_yaml_would_read_as_something_else(name: str) -> None:
    """They come back as the text that they are."""
    host = Host("10.0.0.1", name=name, descr="a\n- b # c")
    ids = ids_for([host], ())
    (one,) = proposals_for([host], ids, {"10.0.0.1": "on"}, {}, {})
    read = yaml.safe_load(as_yaml([one], ["Head\nline"], 161))
    (device,) = read["devices"]
    assert (device["id"], device["site"]) == (ids["10.0.0.1"], "on")
    assert device.get("name", device["id"]) == name


def test_state_file(tmp_path: Path) -> None:
    """What was kept is there again, for the addresses asked for only; a torn last line is nothing."""
    path = tmp_path / "state"
    state = StateFile(path, ["10.0.0.1", "10.0.0.2"])
    state.keep(Host("10.0.0.1", "c", ("c",), neighbours=proposed()))
    state.keep_silent(["10.0.0.2", "10.0.0.3"])
    state.close()
    with path.open("ab") as file:
        file.write(b'{"host": {"addr')
    for _ in range(2):
        again = StateFile(path, ["10.0.0.1", "10.0.0.3"])
        again.keep_silent(["10.0.0.9"])
        again.close()
        assert again.hosts == {"10.0.0.1": Host("10.0.0.1", "c", ("c",), neighbours=proposed())}
        assert again.silent == {"10.0.0.3"}
    assert path.stat().st_mode & 0o777 == 0o600


def proposed() -> Neighbours:
    """One of each."""
    return Neighbours(
        "x", frozenset({"m"}), (Heard("1", "c", "n", ("10.0.0.9",)),), {"m": 1}, {"i": "m"}
    )


@pytest.mark.parametrize(
    "line", ['{"host": {"address": 1}}', "[]", "no", '{"other": 1}', '{"silent": 5}']
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, line: str) -> None:
    """With one sentence; nothing is written into it."""
    path = tmp_path / "notes.txt"
    path.write_text(line + "\n")
    with pytest.raises(
        ConfigError, match=r"notes\.txt, line 1: expected what an earlier discovery"
    ):
        StateFile(path, ["10.0.0.1"])
    assert path.read_text() == line + "\n"


def test_a_link_is_refused(tmp_path: Path) -> None:
    """Nobody makes us write elsewhere."""
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(ConfigError, match="symbolic link"):
        StateFile(tmp_path / "link", [])


class Pinged:
    """A sweep after which just these addresses have answered."""

    def __init__(self, *alive: str) -> None:
        self.alive = alive

    async def sweep(
        self, addresses: Sequence[str], *, timeout: float = 1.0
    ) -> dict[str, float | None]:
        return {one: 0.001 if one in self.alive else None for one in addresses}


def community(id_: str) -> Credentials:
    return Credentials.model_validate({"id": id_, "version": "2c", "community": f"community-{id_}"})


async def asked(discovered: Discovery) -> Host | None:
    await discovered.run()
    return discovered.hosts.get("127.0.0.1")


@anyio
async def test_credentials_in_order_and_no_more_than_needed() -> None:
    """The second one fits: the third is never sent."""
    heard: list[bytes] = []
    one = device({"1.3.6.1.2.1.1.5.0": octets("sw")})

    def reply(data: bytes, address: Address) -> Iterable[bytes]:
        request = decode(data)
        heard.append(request.community)
        return (one.answer(request),) if request.community == b"community-b" else ()

    async with replying(reply) as port:
        three = [community(id_) for id_ in "abc"]
        host = await asked(
            Discovery(["127.0.0.1"], three, Pinged("127.0.0.1"), time.monotonic, port)
        )
    assert host is not None
    assert (host.credentials, host.tried, host.name) == ("b", ("a", "b"), "sw")
    assert heard[:3] == [b"community-a", b"community-a", b"community-b"]
    assert set(heard[2:]) == {b"community-b"}


@anyio
async def test_no_community_without_an_echo_reply() -> None:
    """A silent address gets no datagram, whoever listens there."""
    heard: list[bytes] = []

    def reply(data: bytes, address: Address) -> Iterable[bytes]:
        heard.append(data)
        return ()

    async with replying(reply) as port:
        discovery = Discovery(["127.0.0.1"], [community("a")], Pinged(), time.monotonic, port)
        assert await asked(discovery) is None
    assert heard == []
    assert discovery.silent == {"127.0.0.1"}


@anyio
async def test_a_closed_port_ends_the_trying() -> None:
    """Nobody listens there: no second community is given away, and a later run asks no more."""
    async with replying(lambda data, address: ()) as port:
        pass
    tried = [community("a"), community("b")]
    discovery = Discovery(["127.0.0.1"], tried, Pinged("127.0.0.1"), time.monotonic, port)
    started = time.monotonic()
    host = await asked(discovery)
    assert host == Host("127.0.0.1", tried=("a", "b"))
    assert time.monotonic() - started < 1, "no waiting for answers that cannot come"
