"""What the network shows of a device: pings, checks, its own word by SNMP, ports, light and radio."""

from __future__ import annotations

import zlib

from dashboards.example.subject import Subject
from dashboards.example.tape import only
from inventory.device_class import DeviceClass
from telemetry import catalogue as c

_PORTS = (
    ("ether1", "uplink"),
    ("ether2", "one-stop counter"),
    ("ether3", "meeting room"),
    ("ether4", ""),
)


def pings(it: Subject) -> None:
    """A burst each minute, and the check's own figures."""
    loss = _loss(it)
    there = [ok and lost < 1 for ok, lost in zip(it.answers, loss, strict=True)]
    base = 0.0006 if it.site == "district-office" else 0.008
    median = [
        max(0.0002, m * (1 + 4 * lost))
        for m, lost in zip(it.wander("rtt", base, base * 0.25), loss, strict=True)
    ]
    spread = [
        abs(s) + 0.4 * lost for s, lost in zip(it.wander("smoke", 0.4, 0.4), loss, strict=True)
    ]
    it.tape.add(c.ICMP_LOSS_RATIO, it.who, only(loss, it.asked))
    for metric, low, high in (
        (c.ICMP_RTT_MIN, -0.35, 0.0),
        (c.ICMP_RTT_MEDIAN, 0.0, 0.0),
        (c.ICMP_RTT_P90, 0.0, 0.8),
        (c.ICMP_RTT_MAX, 0.05, 1.6),
    ):
        values = [m * (1 + low + high * s) for m, s in zip(median, spread, strict=True)]
        it.tape.add(metric, it.who, only(values, there))
    jitter = [m * 0.3 * (s + 0.1) for m, s in zip(median, spread, strict=True)]
    it.tape.add(c.ICMP_JITTER, it.who, only(jitter, there))
    sent = it.tape.count(f"{it.id} sent", 10 / 60, while_=it.asked)
    it.tape.add(c.ICMP_PACKETS_SENT, it.who, only(sent, it.asked))
    received = it.tape.count(f"{it.id} sent", 10 / 60, while_=there)
    it.tape.add(c.ICMP_PACKETS_RECEIVED, it.who, only(received, it.asked))
    check(it, "icmp", 0.2)
    _trace(it)


def _trace(it: Subject) -> None:
    """Who answered last on the way, once each time that it breaks."""
    breaks = [was and not ok for was, ok in zip([True, *it.answers], it.answers, strict=False)]
    if any(breaks):
        ones = [1.0] * len(breaks)
        it.tape.add(c.PATH_TRACE_HOPS, it.who, only(ones, breaks))
        it.tape.add(c.PATH_TRACE_LAST_HOP_INFO, it.who, only(ones, breaks), hop="10.11.0.1")


def check(it: Subject, name: str, seconds: float) -> None:
    """That a check passed, how long it took, and why it failed."""
    fails = [not ok for ok in it.answers]
    it.tape.add(c.CHECK_UP, it.who, only([float(ok) for ok in it.answers], it.asked), check=name)
    it.tape.add(
        c.CHECK_DURATION, it.who, only(it.wander(name, seconds, seconds / 3), it.asked), check=name
    )
    if any(fails):
        failures = it.tape.count(f"{it.id} {name} failures", 1 / 60, while_=fails)
        it.tape.add(
            c.CHECK_FAILURES, it.who, only(failures, it.asked), check=name, reason="timeout"
        )


def own_word(it: Subject) -> None:
    """What the device says of itself by SNMP."""
    check(it, "snmp", 0.05)
    vendor, model = _MODELS.get(DeviceClass(it.class_), ("Generic", "Box"))
    serial = f"SN{zlib.crc32(it.id.encode()) % 10**7:07d}"
    it.tell(
        c.DEVICE_INFO,
        it.tape.constant(1),
        vendor=vendor,
        model=model,
        os="7.1",
        serial=serial,
        profile="generic",
    )
    days = zlib.crc32(it.id.encode()) % 900 + 1
    it.tell(c.DEVICE_UPTIME, _uptime(it, days * 86_400.0))
    slow = [
        1 + 2.2 * minute / it.tape.minutes if days > 800 else 1 for minute in range(it.tape.minutes)
    ]
    answer = it.wander("snmp", 0.03, 0.008)
    it.tell(c.SNMP_RESPONSE, [a * s for a, s in zip(answer, slow, strict=True)])
    it.tell(c.DEVICE_CPU_UTILIZATION, it.wander("cpu", 0.25, 0.15), cpu="0")
    it.tell(c.DEVICE_MEMORY_UTILIZATION, it.wander("memory", 0.55, 0.05), pool="main")
    it.tell(c.DEVICE_TEMPERATURE, it.wander("heat", _heat(it), 2.5), sensor="board")
    it.tell(c.DEVICE_FAN_OK, it.flag("fan", ok=True), fan="1")
    it.tell(c.DEVICE_POWER_SUPPLY_OK, it.flag("power_supply", ok=True), supply="1")
    traps = it.tape.count(f"{it.id} traps", 1 / 600)
    it.tell(c.DEVICE_TRAPS, traps, trap="linkDown")


def ports(it: Subject) -> None:
    """The ports of a switch, router, firewall or head-end."""
    for number, (name, alias) in enumerate(_PORTS):
        up = it.tape.constant(float(number < 3))
        if number == 2 and it.id.startswith("van-"):
            up = [float(minute % 17 < 14) for minute in range(it.tape.minutes)]
        mac = f"02:00:00:00:00:{number:02x}"
        it.tell(
            c.INTERFACE_INFO, it.tape.constant(1), interface=name, alias=alias, type="6", mac=mac
        )
        it.tell(c.INTERFACE_UP, up, interface=name)
        it.tell(c.INTERFACE_ADMIN_UP, it.tape.constant(1), interface=name)
        it.tell(c.INTERFACE_SPEED, it.tape.constant(1e8 if number else 1e9), interface=name)
        it.tell(c.INTERFACE_FULL_DUPLEX, it.tape.constant(1), interface=name)
        it.tell(
            c.INTERFACE_LAST_CHANGE,
            [86_400.0 * (number + 2) + 60 * minute for minute in range(it.tape.minutes)],
            interface=name,
        )
        _counters(it, name, busy=_uplink(it) if number == 0 else 0.6 if number < 3 else 0.0)


def _heat(it: Subject) -> float:
    """Most stand in a room; a few in closed cabinets in the sun."""
    number = zlib.crc32(it.id.encode())
    return 34.0 + number % 9 + (17 if number % 23 == 0 else 0)


def _uplink(it: Subject) -> float:
    """How busy the first port is; one office shares its line with the school next door."""
    return 104.0 if it.id == "thai-hoa-router" else 3.0


def _counters(it: Subject, name: str, busy: float) -> None:
    key = f"{it.id} {name}"
    bad = it.ill("interface_errors") if name == "ether1" else [False] * it.tape.minutes
    for metric, rate, while_ in (
        (c.INTERFACE_RECEIVE_BYTES, busy * 1e6, None),
        (c.INTERFACE_TRANSMIT_BYTES, busy * 3e5, None),
        (c.INTERFACE_RECEIVE_PACKETS, busy * 900, None),
        (c.INTERFACE_TRANSMIT_PACKETS, busy * 500, None),
        (c.INTERFACE_RECEIVE_ERRORS, 4.0, bad),
        (c.INTERFACE_TRANSMIT_ERRORS, 0.0, None),
        (c.INTERFACE_FCS_ERRORS, 3.5, bad),
        (c.INTERFACE_RECEIVE_DISCARDS, 0.02 * busy, None),
        (c.INTERFACE_TRANSMIT_DISCARDS, 0.0, None),
    ):
        it.tell(metric, it.tape.count(f"{key} {metric.name}", rate, while_=while_), interface=name)


def light(it: Subject) -> None:
    """The optics of a fibre box or a head-end."""
    names = [f"gpon{n}" for n in range(1, 5)] if it.of(DeviceClass.FIBER_OLT) else ["pon0"]
    for name in names:
        around = -18 - zlib.crc32(f"{it.id}{name}".encode()) % 6
        received = it.worse(
            it.wander(f"light {name}", around, 0.3), "optical_power", -27.9 - around
        )
        it.tell(c.OPTICAL_RECEIVE_POWER, received, interface=name)
        sends = 1.4 + zlib.crc32(f"sent {it.id}{name}".encode()) % 20 / 10
        it.tell(c.OPTICAL_TRANSMIT_POWER, it.wander(f"sent {name}", sends, 0.05), interface=name)
        current = 0.009 + zlib.crc32(f"bias {it.id}{name}".encode()) % 12 / 1000
        it.tell(c.OPTICAL_BIAS, it.wander(f"bias {name}", current, 0.0004), interface=name)
        it.tell(c.OPTICAL_TEMPERATURE, it.wander(f"warm {name}", 46, 2), interface=name)
        it.tell(c.OPTICAL_VOLTAGE, it.wander(f"volt {name}", 3.29, 0.02), interface=name)


def radio(it: Subject) -> None:
    """The modem of a station or a 4G router."""
    weak = zlib.crc32(it.id.encode()) % 28
    it.tell(c.CELLULAR_RSRP, it.wander("rsrp", -88 - weak, 3), modem="lte1")
    it.tell(c.CELLULAR_RSRQ, it.wander("rsrq", -10, 2), modem="lte1")
    it.tell(c.CELLULAR_SINR, it.wander("sinr", 14 - weak / 2, 3), modem="lte1")
    it.tell(c.CELLULAR_RSSI, it.wander("rssi", -62 - weak, 3), modem="lte1")
    it.tell(c.CELLULAR_REGISTERED, it.tape.constant(1), modem="lte1")
    it.tell(c.CELLULAR_GENERATION, it.tape.constant(3 if weak > 22 else 4), modem="lte1")


def _loss(it: Subject) -> list[float]:
    """None, a packet now and then on old lines, much while the line is bad, all without an answer."""
    bad, losses = it.ill("loss"), []
    wave, old = it.wander("loss", 0.0, 1.0), zlib.crc32(it.id.encode()) % 5 == 0
    steps = (0.0, 0.005, 0.05, 0.1, 0.2, 0.4)
    for minute, ok in enumerate(it.answers):
        if not ok:
            losses.append(1.0)
        elif bad[minute]:
            losses.append(steps[min(5, 1 + int(abs(wave[minute]) * 6.5))])
        else:
            losses.append(0.1 if old and wave[minute] > 0.75 else 0.0)
    return losses


def _uptime(it: Subject, begun: float) -> list[float]:
    """Since the last start; power cuts and old devices restart within the example."""
    number = zlib.crc32(it.id.encode())
    uptime, values = begun, []
    for minute in range(it.tape.minutes):
        restarts = number % 29 == 0 and minute % (30 + number % 50) == 25
        uptime = 30.0 if restarts else uptime + 60
        values.append(uptime)
    return values


_MODELS = {
    DeviceClass.ROUTER: ("MikroTik", "RB750Gr3"),
    DeviceClass.LAN_SWITCH: ("Maipu", "SM4200"),
    DeviceClass.FIREWALL: ("Fortinet", "FortiGate 100D"),
    DeviceClass.FIBER_ONU: ("VNPT", "iGate GW040"),
    DeviceClass.FIBER_OLT: ("Huawei", "MA5608T"),
    DeviceClass.CELL_STATION: ("Nokia", "Flexi Multiradio"),
    DeviceClass.LTE_CPE: ("Teltonika", "RUT950"),
    DeviceClass.UPS: ("Santak", "C2K"),
    DeviceClass.POWER_SYSTEM: ("Eltek", "Flatpack2"),
    DeviceClass.VC_ENDPOINT: ("Polycom", "HDX 7000"),
    DeviceClass.SERVER: ("HPE", "ProLiant ML110 Gen9"),
}
