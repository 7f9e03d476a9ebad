"""What others read of us: promtool has nothing to say, a real Prometheus scrapes and is written to."""

from __future__ import annotations

import asyncio
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.snmp.device import Blueprint, SnmpDevice
from simulator.snmp.responder import respond
from telemetry.catalogue import CATALOGUE, Scope
from tests.programs import Program, prometheus
from tests.scenarios.boxes import loopback
from tests.scenarios.company import Company
from tests.scenarios.records import Journaled
from tests.scenarios.worker import until

pytestmark = pytest.mark.anyio

HOSTILE = 'evil"} 1\n# TYPE x y\\{a="\x1b[31m\x00<script>\u202e%s'
COMMUNITY = "public-of-a-test"


class LyingSwitch(asyncio.DatagramProtocol):
    """Answers SNMP with names that want to break out of whatever they are written into."""

    def __init__(self) -> None:
        ports = ((f"ge1{HOSTILE}", 10**9), ("ge2", 10**9))
        now = time.time()
        self._device = SnmpDevice(
            Blueprint(HOSTILE, "lan_switch", HOSTILE, HOSTILE, ports), now, now
        )
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = respond(data, self._device.tree, COMMUNITY.encode(), time.time())
        if answer:
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def lying_switch() -> AsyncIterator[int]:
    """The port at which it answers."""
    loop = asyncio.get_running_loop()
    address = (loopback(200), 0)
    transport, _ = await loop.create_datagram_endpoint(LyingSwitch, local_addr=address)
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


def inventory_of_others(snmp_port: int, page: str) -> dict[str, list[dict[str, Any]]]:
    """A switch that lies, something that the kernel answers for, this machine, a web page."""
    quick = {"interval": "1s", "timeout": "500ms"}
    row = {"site": "bac-binh", "parents": ["bac-binh-router"]}
    ping = {**quick, "count": 3, "spacing": "20ms"}
    return {
        "devices": [
            {
                **row,
                "id": "liar",
                "class": "lan_switch",
                "address": loopback(200),
                "snmp": {"credentials": "v2c", "port": snmp_port},
                "checks": {"icmp": ping, "snmp": {"interval": "2s", "timeout": "1s", "retries": 0}},
            },
            {
                **row,
                "id": "this-machine",
                "class": "server",
                "address": loopback(201),
                "checks": {"icmp": ping, "host": quick},
            },
        ],
        "services": [
            {
                "id": "portal",
                "name": HOSTILE.replace("\x00", ""),
                "url": page,
                "from": ["bac-binh"],
                "checks": {"http": quick},
            }
        ],
        "credentials": [{"id": "v2c", "version": "2c", "community": COMMUNITY}],
    }


async def promtool(metrics: str) -> tuple[int | None, bytes]:
    """Exit code of `promtool check metrics` and all that it has to say."""
    process = await asyncio.create_subprocess_exec(
        *("promtool", "check", "metrics"), stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate(metrics.encode())
    return process.returncode, said


async def value(store: Program, query: str) -> float:
    """The value of a query that has one, 0 without any."""
    answer = await asyncio.to_thread(store.get, "/api/v1/query", query=query)
    result = answer.json()["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def scraping(*targets: tuple[str, str]) -> str:
    jobs = "".join(
        f"  - {{job_name: {j}, static_configs: [{{targets: ['{t}']}}]}}\n" for j, t in targets
    )
    return f"global: {{scrape_interval: 1s}}\nscrape_configs:\n{jobs}"


async def test_metrics(tmp_path: Path) -> None:
    """Both `/metrics` are clean with an incident open and hostile names about; Prometheus scrapes both
    and, by remote-write, gets exactly what the journal holds.
    """
    async with lying_switch() as snmp_port, Company(tmp_path, "bac-binh") as company:
        page = f"http://127.0.0.1:{company.hook.port}/"
        company.write_inventory(inventory_of_others(snmp_port, page))
        agent = company.agent("bac-binh")
        own = f"{loopback(2)}:{company.agent_ports['bac-binh']}"
        config = scraping(("agent", own), ("collector", company.url.removeprefix("http://")))
        with prometheus(tmp_path / "prometheus", config) as store:
            company.forward_to(f"{store.url}/api/v1/write")
            await company.collector.start()
            await agent.start()
            await look_at_metrics(company, f"http://{own}/metrics")
            both = 'min(min_over_time(up{job=~"agent|collector"}[2s])) * count(up) == 2'
            await until(lambda: value(store, both), "Prometheus cannot scrape both")
            router = company.offices["bac-binh"].boxes["router"]
            await until(lambda: router.answered > 5, "the agent does not ask on")
            await agent.stop()
            await compare(store, Journaled(company.collector.state_dir))
            assert (
                'ltmon_forward_pending_entries{store="prometheus"} 0.0' in await company.metrics()
            )
            await company.collector.stop()


async def look_at_metrics(company: Company, agents: str) -> None:
    """Waits until both sides know of the liar and of a fault, then asks promtool."""
    async with httpx.AsyncClient(trust_env=False) as client:

        async def told() -> bool:
            try:
                text = (await client.get(agents)).text
            except httpx.TransportError:
                return False
            return "evil" in text and 'check="host"' in text and 'check="http"' in text

        await until(told, "the agent shows nothing of the liar")
        await company.offices["bac-binh"].lose_switch()
        await until(company.incidents, "the dead switch was not flagged")
        own, collected = (await client.get(agents)).text, await company.metrics()
    assert 'device="liar"' in own
    assert "\x1b" not in own
    assert "finding_active{" in collected
    assert 'incident_open{severity="critical"} 1.0' in collected
    assert await promtool(own) == (0, b"")
    assert await promtool(collected) == (0, b"")


async def compare(store: Program, journal: Journaled) -> None:
    """What was written has no `job`; what was scraped has one. Verdicts have a journal of their own."""
    verdicts = "|".join(m.name for m in CATALOGUE.values() if m.scope is Scope.COLLECTOR)
    everything = f'{{__name__=~".+",__name__!~"{verdicts}",job=""}}[1h]'

    async def all_there() -> bool:
        answer = await asyncio.to_thread(store.get, "/api/v1/query", query=everything)
        counts = [len(series["values"]) for series in answer.json()["data"]["result"]]
        return sum(counts) == len(journal.points)

    await until(all_there, "Prometheus does not hold as many samples as the journal", 20)
    series = 'check_up{device="bac-binh-router",check="tcp",job=""}'
    ours = journal.of("check_up", device="bac-binh-router", check="tcp")
    assert await value(store, f"count_over_time({series}[1h])") == len(ours) > 3
    hostile = [dict(s.labels)["interface"] for s, _ in journal.points if s.name == "interface_up"]
    assert any("evil" in name for name in hostile)
    assert not any("\x1b" in name or "\n" in name for name in hostile)
