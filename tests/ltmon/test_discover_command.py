"""`ltmon inventory discover` as a person meets it: recorded devices on loopback, real packets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from inventory.load import load_inventory
from tests.agent.snmp.recorded import (
    Address,
    Device,
    decode,
    device,
    number,
    octets,
    recording,
    replying,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("requires_root")]

NET = "127.0.77.0/29"
BASE = """
district: {id: d, name: D}
sites: [{id: office, name: Office, kind: commune}]
devices: [{id: old, site: office, class: router, address: 127.0.77.1}]
credentials:
  - {id: wrong, version: 2c, community: nobody-has-this}
  - {id: right, version: 2c, community: {env: DISCOVER_TEST}}
"""
HOSTILE = 'x"]\n  - id: evil\x1b[31m # ${7*7} <script>\u202e'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An inventory that knows the first address."""
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "base.yaml").write_text(BASE)
    return tmp_path / "inventory"


@contextlib.asynccontextmanager
async def agents(devices: Mapping[str, Device]) -> AsyncIterator[int]:
    """Devices at loopback addresses, all on one port, which is given."""
    async with contextlib.AsyncExitStack() as stack:
        port = 0
        for host, one in devices.items():
            port = await stack.enter_async_context(at(host, port, one))
        yield port


@contextlib.asynccontextmanager
async def at(host: str, port: int, one: Device) -> AsyncIterator[int]:
    """The device at this address; it keeps every request, those with a wrong community as well."""

    class Protocol(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, address: Address) -> None:
            request = decode(data)
            one.requests.append(request)
            if request.community == b"canary-community":
                self.transport.sendto(one.answer(request), address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Protocol, local_addr=(host, port))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def start(*words: str) -> asyncio.subprocess.Process:
    """The real program in a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ltmon", "inventory", "discover", *words,
        env={**os.environ, "DISCOVER_TEST": "canary-community"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ltmon(*words: str) -> tuple[int | None, str, str]:
    """Exit code, standard output and standard error."""
    process = await start(*words)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_what_it_prints_is_an_inventory(folder: Path) -> None:
    """Known devices are left out, identified ones bear profile and credentials, hostile strings stay
    strings, and our own loader reads the whole.
    """
    devices = {
        "127.0.77.2": recording("UPS/huawei-gse200m"),
        "127.0.77.3": device(
            {"1.3.6.1.2.1.1.1.0": octets(HOSTILE), "1.3.6.1.2.1.1.5.0": octets(HOSTILE)}
        ),
        "127.0.77.4": device(
            {
                "1.0.8802.1.1.2.1.4.1.1.5.0.8.1": octets("somebody"),
                "1.0.8802.1.1.2.1.4.2.1.3.0.8.1.1.4.127.0.77.1": number(2),
                "1.3.6.1.2.1.1.1.0": octets("no such make"),
            }
        ),
        "127.0.77.1": device({}),
        "127.0.77.9": device({}),
    }
    async with agents(devices) as port:
        code, out, err = await ltmon(
            NET, "--credentials", "wrong", "right", "--site", "office",
            "--inventory", str(folder), "--port", str(port),
        )  # fmt: skip
    assert code == 0, err
    assert "5 of 5 addresses asked, 5 answer, 3 by SNMP; 1 left out" in err
    assert "canary" not in out + err
    assert not devices["127.0.77.1"].requests, "the inventory knows it already"
    assert not devices["127.0.77.9"].requests, "outside the network named"
    (folder / "found.yaml").write_text(out)
    read = load_inventory(folder)
    assert [one.address for one in read.devices] == [f"127.0.77.{n}" for n in range(1, 7)]
    by = {one.address: one for one in read.devices}
    assert by["127.0.77.2"].snmp is not None
    assert (by["127.0.77.2"].class_, by["127.0.77.2"].snmp.credentials) == ("ups", "right")
    assert by["127.0.77.2"].snmp.port == port
    assert by["127.0.77.3"].name == 'x"] - id: evil[31m # ${7*7} <script>'
    assert by["127.0.77.4"].parents == ("old",)
    assert "# behind old: LLDP names them neighbours" in out
    assert by["127.0.77.5"].snmp is None
    assert by["127.0.77.5"].class_ == "other"
    assert "\x1b" not in out


async def test_a_second_run_asks_nobody_again(folder: Path, tmp_path: Path) -> None:
    """With --state: the same answer, no request; the file is ours alone and holds no secret."""
    ups, state = recording("UPS/huawei-gse200m"), tmp_path / "state"
    async with agents({"127.0.77.2": ups}) as port:
        words = (
            "127.0.77.2/31", "--credentials", "right", "--inventory", str(folder),
            "--port", str(port), "--state", str(state), "--json",
        )  # fmt: skip
        first = await ltmon(*words)
        asked = len(ups.requests)
        second = await ltmon(*words)
    assert asked
    assert len(ups.requests) == asked
    assert first == second
    found = [json.loads(line) for line in first[1].splitlines()]
    assert [one["address"] for one in found] == ["127.0.77.2", "127.0.77.3"]
    assert found[0]["class"] == "ups"
    assert found[0]["site"] == "office", "the nearest device of the inventory stands there"
    assert state.stat().st_mode & 0o777 == 0o600
    assert "canary" not in state.read_text()


async def test_interrupted_it_prints_what_it_has(folder: Path) -> None:
    """Ctrl-C while a device keeps it waiting: the others are printed, exit 130, no traceback."""
    heard = asyncio.Event()

    def mute(data: bytes, address: Address) -> tuple[bytes, ...]:
        heard.set()
        return ()

    async with replying(mute, "127.0.77.2") as port:
        process = await start(
            "127.0.77.2/31", "--credentials", "right", "--inventory", str(folder),
            "--port", str(port),
        )  # fmt: skip
        await asyncio.wait_for(heard.wait(), 60)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 130
    assert b'address: "127.0.77.2"' in out
    assert b"Stopped; this is what was found so far." in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["10.0.0.5/24"], '"10.0.0.5/24" is no network; did you mean "10.0.0.0/24"?'),
        (["127.0.77.0/29", "--credentials", "rigth"],
         '--credentials: the inventory has no credentials "rigth"; did you mean "right"?'),
        (["127.0.77.0/29", "--site", "ofice"],
         '--site: the inventory has no site "ofice"; did you mean "office"?'),
    ],
)  # fmt: skip
async def test_wrong_use_is_exit_2(folder: Path, words: list[str], sentence: str) -> None:
    """With one sentence, before anything is sent."""
    code, out, err = await ltmon(*words, "--inventory", str(folder))
    assert (code, out, err) == (2, "", sentence + "\n")


async def test_the_site_of_the_unplaced_is_written_once(folder: Path) -> None:
    """What a second discovery prints still fits what the first one left behind."""
    for name, network in (("a.yaml", "127.0.78.1"), ("b.yaml", "127.0.79.1")):
        code, out, err = await ltmon(network, "--inventory", str(folder))
        assert code == 0, err
        (folder / name).write_text(out)
        sites = {one.address: one.site for one in load_inventory(folder).devices}
        assert sites[network] == "unplaced"
