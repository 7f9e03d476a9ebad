"""The host probe on this very machine, and the clock against a time server of the test's own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import namedtuple
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import sntp
from agent.probe import Reason, Result, Target
from agent.probes.host import HostProbe, busy_share
from inventory.check import HostCheck

TARGET = Target("pc", "office", "server", "")


async def check(probe: HostProbe | None = None, **options: object) -> Result:
    """One look at this machine."""
    return await (probe or HostProbe()).check(TARGET, HostCheck(**options), 5.0)


def values(result: Result, metric: str) -> dict[str, float]:
    """The metric's readings by their one label (or the empty string)."""
    return {
        "".join(reading.labels.values()): reading.value
        for reading in result.readings
        if reading.metric == metric
    }


@pytest.mark.anyio
async def test_this_machine() -> None:
    """What psutil and the kernel say of this machine is what is read."""
    probe = HostProbe()
    result = await check(probe)
    await probe.close()
    assert result.ok, result.working
    cpus = values(result, "device_cpu_utilization_ratio")
    assert set(cpus) == {"all"}
    shares = {**cpus, **values(result, "device_memory_utilization_ratio")}
    shares |= values(result, "device_storage_utilization_ratio")
    assert all(0 <= share <= 1 for share in shares.values())
    used = psutil.virtual_memory()
    assert shares["ram"] == pytest.approx(1 - used.available / used.total, abs=0.1)
    uptime = values(result, "device_uptime_seconds")[""]
    assert uptime == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=10)
    assert values(result, "host_load_ratio")[""] >= 0
    assert values(result, "host_clock_offset_seconds") == {}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("address", "ok"), [("127.0.0.1", True), ("localhost", True), ("192.0.2.7", False)]
)
async def test_only_its_own_machine(address: str, ok: bool) -> None:
    """The health of this machine is never told of another one."""
    target = Target("pc", "office", "server", address)
    result = await HostProbe().check(target, HostCheck(), 5.0)
    assert result.ok is ok
    assert ok or (result.reason, result.readings) == (Reason.FORBIDDEN, ())


@pytest.mark.anyio
async def test_named_volumes() -> None:
    """Only the volumes named are read; one that is not there is said, not read as 0."""
    result = await check(volumes=["/", "/no/such/volume"])
    storage = values(result, "device_storage_utilization_ratio")
    assert set(storage) == {"/"}
    assert storage["/"] == pytest.approx(psutil.disk_usage("/").percent / 100, abs=0.01)
    assert "No reading of the volume /no/such/volume: it is not there, or closed to us." in (
        result.working
    )


@pytest.mark.anyio
async def test_second_look_compares_with_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two checks the share of the processors is that of the whole time between."""
    times = namedtuple("times", "user system idle iowait guest guest_nice")
    looks = iter([times(1, 1, 8, 0, 0, 0), times(1, 1, 8, 0, 0, 0), times(3, 2, 10, 5, 2, 0)])
    monkeypatch.setattr(psutil, "cpu_times", lambda: next(looks))
    probe = HostProbe()
    first = await check(probe)
    second = await check(probe)
    assert values(first, "device_cpu_utilization_ratio") == {}  # no time passed between the looks
    assert values(second, "device_cpu_utilization_ratio") == {"all": pytest.approx(3 / 10)}


SECONDS = st.tuples(st.floats(0, 1e9), st.floats(0, 1e9))


@given(SECONDS, SECONDS)
def test_the_share_stays_between_0_and_1(
    earlier: tuple[float, float], later: tuple[float, float]
) -> None:
    """Counters that run backwards make no impossible share, and no time no share at all."""
    share = busy_share(earlier, later)
    assert (share is None) == (later[1] <= earlier[1])
    assert share is None or 0 <= share <= 1


@pytest.mark.anyio
async def test_sensors_and_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temperatures and a battery are read where there are any; impossible ones are left out."""
    sensor = namedtuple("sensor", "label current high critical")
    found = {
        "coretemp": [sensor("Package id 0", 61.0, 80, 100), sensor("", 55.5, None, None)],
        "acpitz": [sensor("", -273.2, None, None), sensor("", float("nan"), None, None)],
    }
    battery = SimpleNamespace(percent=80, secsleft=1800, power_plugged=False)
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: found, raising=False)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    result = await check()
    temperatures = values(result, "device_temperature_celsius")
    assert temperatures == {"coretemp/Package id 0": 61.0, "coretemp/1": 55.5}
    assert values(result, "battery_charge_ratio") == {"": 0.8}
    assert values(result, "battery_runtime_seconds") == {"": 1800}
    assert values(result, "power_on_battery") == {"": 1}
    battery.secsleft, battery.power_plugged = psutil.POWER_TIME_UNLIMITED, None
    result = await check()
    assert values(result, "battery_runtime_seconds") == values(result, "power_on_battery") == {}


@pytest.mark.anyio
async def test_volumes_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One mount point of each disk; images and files mounted over files are no volumes."""
    part = namedtuple("part", "device mountpoint fstype opts")
    parts = [
        part("/dev/sda1", "/usr", "ext4", ""),
        part("/dev/sda1", "/", "ext4", ""),
        part("/dev/loop0", "/tmp", "squashfs", ""),
        part("/dev/sdb1", "/etc/hosts", "ext4", ""),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: parts)
    assert set(values(await check(), "device_storage_utilization_ratio")) == {"/"}
    parts.clear()
    assert set(values(await check(), "device_storage_utilization_ratio")) == {"/"}


@pytest.mark.anyio
async def test_hanging_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead disk costs one thread, however often it is asked."""
    release, asked = threading.Event(), []

    def hang(volume: str) -> None:
        asked.append(volume)
        release.wait(30)
        raise OSError("gone")

    monkeypatch.setattr(psutil, "disk_usage", hang)
    probe = HostProbe()
    results = [
        await probe.check(TARGET, HostCheck(volumes=["/"], timeout=limit, interval=60), 5.0)
        for limit in (0.6, 5.0)
    ]
    assert [result.reason for result in results] == [Reason.TIMEOUT, Reason.TIMEOUT]
    assert asked == ["/"]
    release.set()


class TimeServer(asyncio.DatagramProtocol):
    """Answers with what `answer` makes of the client's transmit field."""

    def __init__(self, answer: Callable[[int], bytes]) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        cookie = int.from_bytes(data[40:48], "big")
        self.transport.sendto(self.answer(cookie), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def serving(answer: Callable[[int], bytes]) -> AsyncIterator[int]:
    """The port of a time server on loopback."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: TimeServer(answer), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def reply(
    cookie: int, at: float, *, leap: int = 0, mode: int = 4, stratum: int = 2, held: float = 0.0
) -> bytes:
    """A server's packet: it got the question at `at` and held it for so long (seconds since 1970)."""
    arrived, departed = (
        int((moment + 2_208_988_800) * 2**32) % 2**64 for moment in (at, at + held)
    )
    return sntp._PACKET.pack(
        leap << 6 | 4 << 3 | mode, stratum, 6, -20, 0, 0, 0, 0, cookie, arrived, departed
    )


@pytest.mark.anyio
@pytest.mark.parametrize("ahead", [-120.0, 0.0, 3.5])
async def test_clock_offset(ahead: float) -> None:
    """A reference that is ahead makes our offset negative (own clock minus reference)."""
    async with serving(lambda cookie: reply(cookie, time.time() + ahead)) as port:
        result = await check(ntp_server="127.0.0.1", ntp_port=port)
    assert result.ok
    assert values(result, "host_clock_offset_seconds")[""] == pytest.approx(-ahead, abs=0.2)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda cookie: reply(cookie ^ 1, time.time()), "does not belong to our question"),
        (lambda cookie: reply(cookie, time.time(), mode=3), "does not belong to our question"),
        (lambda cookie: reply(cookie, time.time(), leap=3), "does not know the time"),
        (lambda cookie: reply(cookie, time.time(), stratum=0), "does not know the time"),
        (lambda cookie: reply(cookie, time.time(), stratum=16), "does not know the time"),
        (lambda cookie: b"\x24" * 47, "too short"),
    ],
)
async def test_clock_that_cannot_be_believed(answer: Callable[[int], bytes], words: str) -> None:
    """A forged, unsynchronised or broken answer gives no reading, and the check stays good."""
    async with serving(answer) as port:
        result = await check(ntp_server="127.0.0.1", ntp_port=port)
    assert result.ok
    assert values(result, "host_clock_offset_seconds") == {}
    assert any(words in line for line in result.working)


@pytest.mark.anyio
async def test_time_server_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent or absent time server costs its own reading only."""
    monkeypatch.setattr("agent.probes.host.CLOCK_SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        late = await check(ntp_server="127.0.0.1", ntp_port=port)
    closed = await check(ntp_server="127.0.0.1", ntp_port=port)
    assert late.ok
    assert closed.ok
    assert any("no answer in time" in line for line in late.working)
    assert any("No reading of the clock" in line for line in closed.working)


@pytest.mark.parametrize("year_seconds", [0.0, 1.7e9, 2_085_978_497.0, 4.0e9])
def test_eras(year_seconds: float) -> None:
    """NTP's 32-bit seconds roll over in 2036; the era next to our clock is meant."""
    packet = reply(7, year_seconds + 1.0, held=0.5)
    offset = sntp.own_offset(packet, 7, year_seconds, year_seconds + 0.5)
    assert offset == pytest.approx(-1.0, abs=1e-3)


def test_network_delay_cancels_out() -> None:
    """The way there and back, if alike, does not count; the server's own time neither."""
    packet = reply(7, 1000.1 + 5, held=0.3)
    assert sntp.own_offset(packet, 7, 1000.0, 1000.5) == pytest.approx(-5, abs=1e-6)


def test_the_question_is_a_client_packet() -> None:
    """48 octets, version 4, mode 3, the cookie where the server copies it from."""
    packet = sntp.request(0x0123456789ABCDEF)
    assert (len(packet), packet[0]) == (48, 0x23)
    assert packet[40:] == bytes.fromhex("0123456789abcdef")
