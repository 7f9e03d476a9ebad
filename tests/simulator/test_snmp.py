"""net-snmp's own tools talk to simulated devices on a loopback socket."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simulator.snmp import ber, recording
from simulator.snmp.device import Blueprint, SnmpDevice
from simulator.snmp.message import PduType, encode_varbind
from simulator.snmp.responder import MAX_MESSAGE, respond
from simulator.snmp.sensors import SENSOR_ENTRY
from simulator.snmp.tree import Tree
from simulator.snmp.ups import Ups

BOOT, NOW = 1_700_000_000.0, 1_700_086_400.0
SWITCH = Blueprint(
    "bac-binh-switch",
    "lan_switch",
    "Switch",
    "UBND xã Bắc Bình",
    (("ge1", 10**9), ("ge2", 10**9)),
    "network/switch/dlink-des3038",
)
ONU = Blueprint("onu", "fiber_onu", "ONU", "Bắc Bình", (("pon0", 2_488_000_000), ("ge1", 10**9)))


@contextmanager
def agent(device: SnmpDevice, now: list[float]) -> Iterator[int]:
    """Answers on a loopback port until the test ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))

        def serve() -> None:
            while (asked := listener.recvfrom(65536))[0] != b"stop":
                answer = respond(asked[0], device.tree, b"demo", now[0])
                if answer:
                    listener.sendto(answer, asked[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.sendto(b"stop", listener.getsockname())
            thread.join()


def run(tool: str, port: int, *arguments: str) -> str:
    """The output of one of net-snmp's tools, numeric."""
    command = [tool, "-On", "-Oe", "-t", "2", "-r", "1", *arguments[:-1]]
    command += [f"127.0.0.1:{port}", arguments[-1]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def switch() -> SnmpDevice:
    return SnmpDevice(SWITCH, BOOT, NOW)


def test_walks_are_whole(switch: SnmpDevice) -> None:
    """A bulk walk reads every object once, in order, and comes to an end."""
    with agent(switch, [NOW]) as port:
        output = run("snmpbulkwalk", port, "-v2c", "-cdemo", "-Cr20", ".1")
    oids = re.findall(r"^\.([\d.]+) = ", output, re.M)
    assert len(set(oids)) == len(switch.tree)
    assert oids[: len(switch.tree)] == sorted(
        set(oids), key=lambda oid: tuple(map(int, oid.split(".")))
    )


def test_version_1_walk_passes_over_64_bit_counters(switch: SnmpDevice) -> None:
    """Version 1 has no Counter64 (RFC 3584): its walk goes on behind them."""
    with agent(switch, [NOW]) as port:
        output = run("snmpwalk", port, "-v1", "-cdemo", ".1.3.6.1.2.1.31.1.1.1")
    assert "Counter64" not in output
    assert ".1.3.6.1.2.1.31.1.1.1.15.1 = Gauge32: 1000" in output


def test_names_and_uptime(switch: SnmpDevice) -> None:
    """Name and place are the inventory's, the description is the recording's, the clock runs."""
    now = [NOW]
    with agent(switch, now) as port:
        system = run("snmpbulkwalk", port, "-v2c", "-cdemo", ".1.3.6.1.2.1.1")
        now[0] += 10
        later = run("snmpget", port, "-v2c", "-cdemo", ".1.3.6.1.2.1.1.3.0")
    assert 'STRING: "bac-binh-switch"' in system
    assert "UBND xã Bắc Bình" in system or "55 42 4E 44" in system
    assert "D-Link DES-3028" in system
    assert "(8640000)" in system
    assert "(8641000)" in later


def test_missing_objects(switch: SnmpDevice) -> None:
    """No such object, no such instance, no such name, each as its version says it."""
    with agent(switch, [NOW]) as port:
        assert "No Such Object" in run("snmpget", port, "-v2c", "-cdemo", ".1.3.6.1.2.1.1.99.0")
        assert "No Such Instance" in run("snmpget", port, "-v2c", "-cdemo", ".1.3.6.1.2.1.1.5.9")
        assert "noSuchName" in run("snmpget", port, "-v1", "-cdemo", ".1.3.6.1.2.1.1.5.9")
        refused = run("snmpset", port, "-v2c", "-cdemo", ".1.3.6.1.2.1.1.5.0")
    assert refused


def test_wrong_community_is_silence(switch: SnmpDevice) -> None:
    """An agent does not tell strangers that it is there."""
    with agent(switch, [NOW]) as port:
        output = run("snmpget", port, "-v2c", "-cwrong", "-t0.2", "-r0", ".1.3.6.1.2.1.1.5.0")
    assert "Timeout" in output


def test_writing_is_refused(switch: SnmpDevice) -> None:
    """Nothing can be set."""
    with agent(switch, [NOW]) as port:
        command = ["snmpset", "-v2c", "-cdemo", f"127.0.0.1:{port}", ".1.3.6.1.2.1.1.5.0", "s", "x"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "notWritable" in done.stdout + done.stderr


def value(device: SnmpDevice, oid: str, now: float) -> int:
    """A number of the tree."""
    encoded = device.tree.get(tuple(map(int, oid.split("."))), now)
    assert encoded is not None
    return int.from_bytes(encoded[2:], "big")


def test_counters_count(switch: SnmpDevice) -> None:
    """Octets rise at a plausible rate on both sides, and never fall."""
    column = "1.3.6.1.2.1.31.1.1.1.6.1"
    counts = [value(switch, column, NOW + second) for second in range(120)]
    assert counts == sorted(counts)
    assert 1e5 < (counts[-1] - counts[0]) / 119 < 125e6


def test_a_link_goes_down(switch: SnmpDevice) -> None:
    """Without a link the port says down and nothing is carried; its last change is known."""
    device = SnmpDevice(SWITCH, BOOT, NOW)
    device.port("ge1").set_up(False, NOW + 10)
    assert value(device, "1.3.6.1.2.1.2.2.1.8.1", NOW + 11) == 2
    assert value(device, "1.3.6.1.2.1.2.2.1.9.1", NOW + 11) == 8_641_000
    octets = "1.3.6.1.2.1.31.1.1.1.6.1"
    assert value(device, octets, NOW + 11) == value(device, octets, NOW + 99)
    device.port("ge1").set_up(True, NOW + 100)
    assert value(device, octets, NOW + 160) > value(device, octets, NOW + 100)


def test_errors_rise() -> None:
    """Errors count only while they are made to, in ifInErrors and among the FCS errors."""
    device = SnmpDevice(SWITCH, BOOT, NOW)
    device.port("ge1").errors.set_rate(40, NOW)
    device.port("ge1").errors.set_rate(0, NOW + 10)
    for column in ("1.3.6.1.2.1.2.2.1.14.1", "1.3.6.1.2.1.10.7.2.1.3.1"):
        assert value(device, column, NOW + 60) == 400


def test_a_restart_counts_from_zero() -> None:
    """A device that was just switched on has neither uptime nor counts."""
    device = SnmpDevice(SWITCH, NOW, NOW)
    assert value(device, "1.3.6.1.2.1.1.3.0", NOW) == 0
    assert value(device, "1.3.6.1.2.1.31.1.1.1.6.1", NOW) == 0


def test_light_fades_and_returns() -> None:
    """Received light is a dBm sensor of the optical port, and drifts no further than it is told."""
    device = SnmpDevice(ONU, BOOT, NOW)
    light = next(
        oid[-1]
        for oid in device.tree.oids()
        if oid[:-1] == (*SENSOR_ENTRY, 1) and device.tree.get(oid, NOW) == b"\x02\x01\x0e"
    )

    def dbm(now: float) -> float:
        encoded = device.tree.get((*SENSOR_ENTRY, 4, light), now)
        assert encoded is not None
        return int.from_bytes(encoded[2:], "big", signed=True) / 100

    before = dbm(NOW)
    assert -22 < before < -16
    device.optics["pon0"].drift(-0.5, 9.0, NOW)
    assert dbm(NOW + 10) == pytest.approx(before - 5, abs=0.3)
    assert dbm(NOW + 100) == pytest.approx(before - 9, abs=0.3)
    device.optics["pon0"].settle()
    assert dbm(NOW + 100) == pytest.approx(before, abs=0.3)


def test_ups_on_battery() -> None:
    """On battery the source, the seconds and the charge say so; back on mains it charges."""
    ups = Ups()
    tree = Tree(ups.cells())

    def read(suffix: tuple[int, ...], now: float) -> int:
        encoded = tree.get((1, 3, 6, 1, 2, 1, 33, 1, *suffix), now)
        assert encoded is not None
        return int.from_bytes(encoded[2:], "big")

    source, seconds, charge, status = (4, 1, 0), (2, 2, 0), (2, 4, 0), (2, 1, 0)
    assert (read(source, NOW), read(seconds, NOW), read(charge, NOW)) == (3, 0, 100)
    ups.mains_lost(NOW, lasts_seconds=10)
    assert (read(source, NOW + 5), read(seconds, NOW + 5), read(charge, NOW + 5)) == (5, 5, 80)
    assert read(charge, NOW + 10) == 60
    assert read(status, NOW + 10) == 2
    assert read(status, NOW + 24) == 3, "less than a fifth left: battery low"
    ups.mains_back(NOW + 10)
    assert read(source, NOW + 10) == 3
    assert 60 < read(charge, NOW + 60) < 70


def test_large_answers() -> None:
    """A GET that does not fit is too big, a GETBULK is cut; neither leaves the frame."""
    tree = Tree({(1, 3, 6, 1, 4, number): ber.encode_text("x" * 200) for number in range(40)})

    def ask(pdu: PduType, first: int, second: int, *oids: ber.Oid) -> bytes:
        varbinds = b"".join(encode_varbind(oid, b"\5\0") for oid in oids)
        numbers = b"".join(map(ber.encode_integer, (7, first, second)))
        body = ber.encode(pdu, numbers + ber.encode(ber.SEQUENCE, varbinds))
        head = ber.encode_integer(1) + ber.encode_text("demo")
        answer = respond(ber.encode(ber.SEQUENCE, head + body), tree, b"demo", NOW)
        assert answer is not None
        assert len(answer) <= MAX_MESSAGE
        return answer

    get = ask(PduType.GET, 0, 0, *((1, 3, 6, 1, 4, number) for number in range(10)))
    assert b"\x02\x01\x07\x02\x01\x01\x02\x01\x00" in get
    bulk = ask(PduType.GET_BULK, 0, 40, (1, 3, 6, 1, 4))
    assert bulk.count(b"x" * 200) == 6
    assert ask(PduType.GET_BULK, 1, 3, (1, 3, 6, 1, 4), (1, 3, 6, 1, 4, 39)).endswith(b"\x82\x00")
    assert b"\x02\x01\x07\x02\x01\x00" in ask(PduType.GET_BULK, -1, -1, (1, 3))


@pytest.mark.parametrize(
    "name",
    [
        "network/switch/maipu-sm4200-16gef8ge-ac",
        "network/router/vyatta-unknown",
        "os/linux/slackware",
        "os/linux/ibm-x3550-m3",
        "network/switch/cts-media-converter",
    ],
)
def test_recordings(name: str) -> None:
    """Every recording in use loads, and its device puts the inventory's port on a real one."""
    assert recording.load(name) is recording.load(name)
    device = SnmpDevice(Blueprint("x", "router", "x", "x", (("wan", 10**9),), name), BOOT, NOW)
    assert len(device.tree) > 100
    assert device.port("wan").up
