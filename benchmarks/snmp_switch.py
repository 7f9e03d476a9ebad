"""The switch of `benchmarks.snmp`: 48 ports in a process of its own, and what snmp_exporter asks of it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import cast

import yaml

from simulator.snmp import ber
from simulator.snmp.ber import Oid
from simulator.snmp.responder import respond
from simulator.snmp.tree import Cell, Tree

COMMUNITY = "public"
PORTS = 48

IF, IFX, DOT3 = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.10.7.2.1"
COLUMNS = {
    f"{IF}.2": ("ifDescr", "DisplayString"), f"{IF}.3": ("ifType", "gauge"),
    f"{IF}.5": ("ifSpeed", "gauge"), f"{IF}.6": ("ifPhysAddress", "PhysAddress48"),
    f"{IF}.7": ("ifAdminStatus", "gauge"), f"{IF}.8": ("ifOperStatus", "gauge"),
    f"{IF}.9": ("ifLastChange", "gauge"), f"{IF}.13": ("ifInDiscards", "counter"),
    f"{IF}.14": ("ifInErrors", "counter"), f"{IF}.19": ("ifOutDiscards", "counter"),
    f"{IF}.20": ("ifOutErrors", "counter"), f"{IFX}.1": ("ifName", "DisplayString"),
    f"{IFX}.6": ("ifHCInOctets", "counter"), f"{IFX}.7": ("ifHCInUcastPkts", "counter"),
    f"{IFX}.8": ("ifHCInMulticastPkts", "counter"), f"{IFX}.9": ("ifHCInBroadcastPkts", "counter"),
    f"{IFX}.10": ("ifHCOutOctets", "counter"), f"{IFX}.11": ("ifHCOutUcastPkts", "counter"),
    f"{IFX}.12": ("ifHCOutMulticastPkts", "counter"), f"{IFX}.13": ("ifHCOutBroadcastPkts", "counter"),
    f"{IFX}.15": ("ifHighSpeed", "gauge"), f"{IFX}.18": ("ifAlias", "DisplayString"),
    f"{IFX}.19": ("ifCounterDiscontinuityTime", "gauge"), f"{DOT3}.3": ("dot3StatsFCSErrors", "counter"),
    f"{DOT3}.19": ("dot3StatsDuplexStatus", "gauge"),
}  # fmt: skip
"""What our poll asks of each port, by column: its name and what snmp_exporter calls its type."""
SCALARS = {
    "1.3.6.1.2.1.1.3.0": ("sysUpTime", "gauge"),
    "1.3.6.1.2.1.1.1.0": ("sysDescr", "DisplayString"),
    "1.3.6.1.2.1.1.2.0": ("sysObjectID", "OctetString"),
    "1.3.6.1.2.1.1.5.0": ("sysName", "DisplayString"),
}


def exporter_config() -> str:
    """The settings of snmp_exporter 0.21 that ask for the same objects: as its generator writes them."""
    index = [{"labelname": "ifIndex", "type": "gauge"}]
    names = [
        {"labels": ["ifIndex"], "labelname": name, "oid": oid, "type": "DisplayString"}
        for oid, (name, _) in COLUMNS.items()
        if name in ("ifName", "ifAlias", "ifDescr")
    ]
    metrics: list[dict[str, object]] = [
        {"name": name, "oid": oid, "type": kind, "help": name, "indexes": index, "lookups": names}
        for oid, (name, kind) in COLUMNS.items()
    ]
    metrics += [
        {"name": name, "oid": oid.removesuffix(".0"), "type": kind, "help": name}
        for oid, (name, kind) in SCALARS.items()
    ]
    module = {
        "walk": list(COLUMNS),
        "get": list(SCALARS),
        "metrics": metrics,
        "version": 2,
        "max_repetitions": 25,
        "auth": {"community": COMMUNITY},
    }
    return str(yaml.safe_dump({"switch": module}))


def switch_tree(boot: float, ports: int = PORTS, number: int = 0) -> Tree:
    """A switch whose gigabit ports are all up, and whose counters grow since `boot`. number: tells it from
    others of the same network."""
    cells: dict[Oid, Cell] = {
        _oid("1.3.6.1.2.1.1.1.0"): ber.encode_text("Switch of a benchmark, 48 ports"),
        _oid("1.3.6.1.2.1.1.2.0"): ber.encode_oid(_oid("1.3.6.1.4.1.171.10.113.3.1")),
        _oid("1.3.6.1.2.1.1.3.0"): _growing(boot, 100, ber.TIMETICKS),
        _oid("1.3.6.1.2.1.1.5.0"): ber.encode_text(f"switch-{number}"),
    }
    for port in range(1, ports + 1):
        for column, (name, kind) in COLUMNS.items():
            cells[_oid(f"{column}.{port}")] = _cell(
                name, kind, number << 8 | port, boot, column.startswith(IFX)
            )
    return Tree(cells)


STANDING = {
    "ifType": 6,
    "ifSpeed": 1_000_000_000,
    "ifAdminStatus": 1,
    "ifOperStatus": 1,
    "ifLastChange": 4711,
    "ifHighSpeed": 1000,
    "ifCounterDiscontinuityTime": 0,
    "dot3StatsDuplexStatus": 3,
}


def _cell(name: str, kind: str, port: int, boot: float, wide: bool) -> Cell:
    if kind == "DisplayString":
        return ber.encode_text(
            f"1/{port & 0xFF}" if name == "ifName" else f"{name} of port {port & 0xFF}"
        )
    if kind == "PhysAddress48":
        return ber.encode_text(b"\x02\x00\x00" + port.to_bytes(3, "big"))
    if name in STANDING:
        return ber.encode_integer(STANDING[name], ber.GAUGE32)
    return _growing(boot, 1000 * port, ber.COUNTER64 if wide else ber.COUNTER32)


def _growing(boot: float, per_second: float, tag: int) -> Callable[[float], bytes]:
    return lambda now: ber.encode_integer(int((now - boot) * per_second), tag)


def _oid(text: str) -> Oid:
    return tuple(map(int, text.split(".")))


class SimulatedAgent(asyncio.DatagramProtocol):
    """Answers SNMP from a tree on a datagram socket."""

    def __init__(self, tree: Tree, community: str = COMMUNITY) -> None:
        self._tree, self._community = tree, community.encode()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A request came from `addr`."""
        answer = respond(data, self._tree, self._community, time.time())
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    tree = switch_tree(time.time() - 86_400)
    transport, _ = await loop.create_datagram_endpoint(
        lambda: SimulatedAgent(tree), local_addr=("127.0.0.1", 0)
    )
    print(transport.get_extra_info("sockname")[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until whoever started us is gone
    transport.close()


if __name__ == "__main__":
    asyncio.run(_serve())
