"""The district without namespaces: SNMP, names and pages at 127.x.y.z, silent when out of reach."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
import time

import dns.asyncquery
import dns.message
import pytest

from inventory.inventory import Inventory
from ltmon.demo.fallback import on_loopback
from simulator.loopback import Loopback, high_port, loopback_address
from simulator.roster import COMMUNITY, simulated_district
from simulator.snmp import ber
from simulator.snmp.message import PduType, encode_varbind
from tests.simulator.small_district import small_inventory

pytestmark = pytest.mark.anyio

SYS_NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)


def rewritten() -> Inventory:
    """The small district as the demo rewrites it."""
    document = json.loads(small_inventory().to_json(reveal_secrets=True))
    on_loopback(document)
    return Inventory.from_json(json.dumps(document))


async def ask(address: str) -> bytes | None:
    """sysName by SNMP, None for silence."""
    pdu = b"".join(map(ber.encode_integer, (1, 0, 0)))
    pdu += ber.encode(ber.SEQUENCE, encode_varbind(SYS_NAME, b"\5\0"))
    message = ber.encode_integer(1) + ber.encode_text(COMMUNITY) + ber.encode(PduType.GET, pdu)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(asker, ber.encode(ber.SEQUENCE, message), (address, high_port(161)))
        try:
            return await asyncio.wait_for(loop.sock_recv(asker, 2000), 0.3)
        except TimeoutError:
            return None


async def page(url_host: str, port: int, trust: str) -> bytes:
    """The answer of a page over TLS."""
    context = ssl.create_default_context(cafile=trust)
    reader, writer = await asyncio.open_connection(url_host, port, ssl=context)
    try:
        writer.write(f"GET / HTTP/1.1\r\nHost: {url_host}:{port}\r\n\r\n".encode())
        return await reader.read()
    finally:
        writer.transport.abort()


async def test_the_district_on_loopback() -> None:
    """What works answers, what is cut off is silent, and what is mended answers again."""
    inventory = rewritten()
    district = simulated_district(inventory, time.time())
    address = loopback_address("10.12.1.3")
    async with Loopback(district, "district-office", time.time) as loopback:
        assert b"xuan-hoa-switch" in (await ask(address) or b"")
        district.cut("xuan-hoa-fiber", time.time())
        assert await ask(address) is None
        district.splice("xuan-hoa-fiber", time.time())
        assert await ask(address) is not None

        service = inventory.service("one-stop")
        assert service is not None
        aim = service.aim
        assert "Nộp hồ sơ".encode() in await page(aim.host, aim.port or 0, str(loopback.authority))
        district.kill("portal", time.time())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(page(aim.host, aim.port or 0, str(loopback.authority)), 0.5)

        query = dns.message.make_query("motcua.lapthach.example", "A")
        answer = await dns.asyncquery.udp(query, "127.10.0.53", timeout=2, port=high_port(53))
        assert answer.rcode() == dns.rcode.NOERROR
        missing = dns.message.make_query("nowhere.example", "A")
        answer = await dns.asyncquery.udp(missing, "127.10.0.53", timeout=2, port=high_port(53))
        assert answer.rcode() == dns.rcode.NXDOMAIN


async def test_programs_run_on_the_machine_itself() -> None:
    """There is no office to enter."""
    district = simulated_district(rewritten(), time.time())
    async with Loopback(district, "district-office", time.time) as loopback:
        process = loopback.start("bac-binh", [sys.executable, "-c", "raise SystemExit(7)"])
        assert await asyncio.to_thread(process.wait) == 7
