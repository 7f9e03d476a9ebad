"""Real programs in real network namespaces: delay, loss, silence, SNMP, names, pages."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from simulator.district import SimulatedDistrict
from simulator.host import Host, TcpService
from simulator.network import NoNamespaces, open_office
from simulator.offices import Offices
from simulator.roster import COMMUNITY, simulated_district
from tests.simulator.small_district import small_inventory

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("requires_root")]

PING = """
import json, os, socket, struct, sys, time
address, count, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
raw.settimeout(wait)
times = []
for number in range(count):
    body = struct.pack("!BBHHH", 8, 0, 0, 7, number) + bytes(56)
    total = sum(struct.unpack("!32H", body))
    total = (total & 0xffff) + (total >> 16)
    body = body[:2] + struct.pack("!H", 0xffff - total) + body[4:]
    began = time.perf_counter()
    raw.sendto(body, (address, 0))
    try:
        while raw.recv(2000)[26:28] != struct.pack("!H", number):
            pass
    except TimeoutError:
        continue
    times.append(time.perf_counter() - began)
print(json.dumps(times))
"""

GET = """
import json, ssl, sys, urllib.request, urllib.error
try:
    with urllib.request.urlopen(sys.argv[1], timeout=3) as answer:
        print(json.dumps([answer.status, answer.read().decode()]))
except urllib.error.HTTPError as error:
    print(json.dumps([error.code, ""]))
except OSError as error:
    print(json.dumps([0, str(error)]))
"""


KNOCK = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocker:
    knocker.settimeout(3)
    knocker.connect((sys.argv[1], int(sys.argv[2])))
    knocker.send(b"anybody there?")
    try:
        knocker.recv(100)
    except ConnectionRefusedError:
        print("refused")
"""


@asynccontextmanager
async def running() -> AsyncIterator[tuple[SimulatedDistrict, Offices]]:
    district = simulated_district(small_inventory(), time.time())
    async with Offices(district, ["district-office", "bac-binh"], time.time) as offices:
        yield district, offices


async def run(offices: Offices, site: str, *command: str, **settings: Any) -> str:
    """The output of a program that runs in an office."""
    process = offices.start(site, command, stdout=subprocess.PIPE, **settings)
    output, _ = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0
    return str(output, "utf-8")


async def ping(offices: Offices, site: str, address: str, count: int, wait: float) -> list[float]:
    """Round trips of echo requests from an office; what was lost is left out."""
    arguments = (sys.executable, "-c", PING, address, str(count), str(wait))
    times: list[float] = json.loads(await run(offices, site, *arguments))
    return times


async def test_delay_and_loss() -> None:
    """Echo requests come back after the delay that was set, and as many as the loss lets through."""
    async with running() as (district, offices):
        slow, lossy = district.hosts["xuan-hoa-pc"], district.hosts["xuan-hoa-room"]
        slow.delay, lossy.loss = 0.05, 0.5
        times, left = await asyncio.gather(
            ping(offices, "bac-binh", slow.address, 10, 3.0),
            ping(offices, "district-office", lossy.address, 100, 0.03),
        )
        assert len(times) == 10
        assert min(times) > 0.05
        assert sorted(times)[5] < 0.09
        assert 25 < len(left) < 75


async def test_two_vantage_points() -> None:
    """A cut fibre parts the office from the rest; each side still sees its own."""
    async with running() as (district, offices):
        district.cut("bac-binh-fiber", time.time())
        inside, outside, across = await asyncio.gather(
            ping(offices, "bac-binh", "10.11.1.20", 3, 3.0),
            ping(offices, "district-office", "10.11.1.20", 2, 0.2),
            ping(offices, "bac-binh", "10.12.1.20", 2, 0.2),
        )
        assert (len(inside), outside, across) == (3, [], [])


TRACE = """
import json, sys
from agent.icmp.trace import trace_way
print(json.dumps(trace_way(sys.argv[1]).hops))
"""


async def trace(offices: Offices, site: str, address: str) -> list[str]:
    """Who answers on the way from an office, nearest first, as the agent traces it."""
    hops = await run(offices, site, sys.executable, "-c", TRACE, address)
    return [address for _, address in json.loads(hops)]


async def test_way_is_traced_to_the_break() -> None:
    """Hop after hop answers up to the cut fibre; without a break up to the target itself."""
    async with running() as (district, offices):
        host = district.hosts
        whole = await trace(offices, "district-office", host["bac-binh-router"].address)
        assert whole[-1] == host["bac-binh-router"].address
        district.cut("bac-binh-fiber", time.time())
        cut = await trace(offices, "district-office", host["bac-binh-router"].address)
        assert cut[-1] == host["olt-1"].address
        assert cut == whole[: len(cut)]


async def test_snmp_from_an_office() -> None:
    """A device answers net-snmp on its own address and port 161; another port is closed."""
    async with running() as (_, offices):
        get = ("/usr/bin/snmpget", "-v2c", f"-c{COMMUNITY.decode()}", "-r0", "-t2", "-Ov")
        name = await run(offices, "bac-binh", *get, "10.12.1.3", ".1.3.6.1.2.1.1.5.0")
        assert "xuan-hoa-switch" in name
        refused = await run(offices, "bac-binh", sys.executable, "-c", KNOCK, "10.12.1.3", "162")
        assert refused == "refused\n"


async def test_pages_and_names() -> None:
    """A page comes over TLS by its name, with a certificate that the office trusts."""
    async with running() as (district, offices):
        url = "https://motcua.lapthach.example/"
        trust = {"SSL_CERT_FILE": str(offices.authority)}
        service = district.hosts["portal"].services[443]

        async def fetch(where: str = url) -> tuple[int, str]:
            code = (sys.executable, "-c", GET, where)
            status, text = json.loads(await run(offices, "bac-binh", *code, env=trust))
            return status, text

        status, text = await fetch()
        assert (status, "Nộp hồ sơ" in text) == (200, True)
        service.failing.add("motcua.lapthach.example")
        assert (await fetch())[0] == 503
        service.closed = True
        assert "refused" in (await fetch())[1]
        assert "refused" in (await fetch("http://10.11.1.20/"))[1]
        assert "not known" in (await fetch("https://nowhere.example/"))[1]


async def test_relay_to_a_real_server() -> None:
    """A relayed address is the way from an office to a server on the host's loopback."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nxin chao")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    place = server.sockets[0].getsockname()
    district = simulated_district(small_inventory(), time.time())
    portal = district.hosts["portal"]
    district.add(
        Host("collector", "district-office", "server", "10.10.0.10", portal.blueprint, 0.0),
        "core-switch",
    )
    relay = TcpService(8080, "relay", relay_to=place)
    district.hosts["collector"].services[8080] = relay
    async with server, Offices(district, ["bac-binh"], time.time) as offices:
        code = (sys.executable, "-c", GET, "http://10.10.0.10:8080/")
        assert json.loads(await run(offices, "bac-binh", *code)) == [200, "xin chao"]


async def test_a_restarted_program_finds_its_office() -> None:
    """A second program enters the same namespace; its parent's network stays another one."""
    async with running() as (_, offices):
        show = (sys.executable, "-c", "import os; print(os.readlink('/proc/self/ns/net'))")
        first, again, other = [
            await run(offices, site, *show) for site in ("bac-binh", "bac-binh", "district-office")
        ]
        here = await asyncio.to_thread(subprocess.check_output, show, text=True)
        assert first == again
        assert len({first, other, here}) == 3


async def test_refusals_are_told() -> None:
    """What the system refuses comes back as one sentence."""
    with pytest.raises(NoNamespaces, match="cannot get networks of their own here"):
        open_office("x", "10.1.1.1", [80, 80])
