"""Agents about themselves, the ways between offices, and the services that people use."""

from __future__ import annotations

import zlib

from dashboards.example import network
from dashboards.example.subject import Subject
from dashboards.example.tape import Tape, only
from dashboards.example.trouble import CUT_OFFICE, SILENT, TROUBLE, Plan
from inventory.service import Service
from telemetry import catalogue as c


def cut(tape: Tape) -> list[bool]:
    """In which minutes the line of the cut office was away."""
    (fault,) = [f for f in TROUBLE if f.device == f"{CUT_OFFICE}-onu"]
    last = tape.minutes - 1
    return [fault.end <= last - minute <= fault.begin for minute in range(tape.minutes)]


def agent(site: str, tape: Tape, plan: Plan) -> None:
    """One agent's heartbeat. The cut office buffers and sends everything afterwards."""
    who = {"site": site, "agent": site}
    silent = plan.troubled(site, SILENT)
    there = [not quiet for quiet in silent]
    away = cut(tape) if site == CUT_OFFICE else [False] * tape.minutes
    waiting, oldest, count = [], [], 0.0
    for minute, gone in enumerate(away):
        count = count + 2400 if gone else max(0.0, count - 24_000)
        waiting.append(count)
        oldest.append(tape.times[minute] - count / 40)
    begun = tape.times[0] - 86_400 * (zlib.crc32(site.encode()) % 60 + 1)
    version = "0.1.0" if zlib.crc32(site.encode()) % 7 else "0.0.9"
    late = tape.wander(f"{site} late", 0.01 + zlib.crc32(site.encode()) % 50 / 1000, 0.01)
    for metric, values in (
        (c.AGENT_BOOT_TIMESTAMP, tape.constant(begun - 300)),
        (c.AGENT_START_TIMESTAMP, tape.constant(begun)),
        (c.AGENT_LAST_STOP_CLEAN, tape.constant(float(zlib.crc32(site.encode()) % 3 > 0))),
        (c.AGENT_LAST_SHUTDOWN_CLEAN, tape.constant(float(zlib.crc32(site.encode()) % 3 > 0))),
        (c.AGENT_BUFFER_SAMPLES, waiting),
        (c.AGENT_BUFFER_BYTES, [4096 + 11 * samples for samples in waiting]),
        (c.AGENT_BUFFER_OLDEST, oldest),
        (c.AGENT_BUFFER_DROPPED, tape.constant(0)),
        (c.AGENT_CHECK_LATENESS, [abs(v) for v in late]),
    ):
        tape.add(metric, who, only(values, there))
    tape.add(c.AGENT_INFO, who, only(tape.constant(1), there), version=version)
    pushes = tape.count(f"{site} pushes", 1 / 60, while_=away)
    tape.add(c.AGENT_PUSH_FAILURES, who, only(pushes, there), reason="unreachable")
    skipped = tape.count(f"{site} skipped", 1 / 900)
    tape.add(c.AGENT_CHECKS_SKIPPED, who, only(skipped, there), check="snmp")
    refused = tape.count(f"{site} refused", 1 / 1800)
    tape.add(c.AGENT_TRAPS_REFUSED, who, only(refused, there), reason="unknown_source")


def way(site: str, tape: Tape, plan: Plan) -> None:
    """The way from an office's room to the centre, measured both ways (STAMP)."""
    room = f"{site}-room"
    it = Subject(room, site, "vc_endpoint", site, tape, plan)
    bad = it.has("loss")
    it.tell(c.PATH_GRADE, [5 - 3.0 * ill for ill in it.ill("loss")], peer="district-office")
    it.tell(
        c.PATH_ROUND_TRIP_MEDIAN,
        it.wander("way", 0.006 + zlib.crc32(site.encode()) % 14 / 1000, 0.001),
        peer="district-office",
    )
    for direction in ("forward", "backward"):
        labels = {"peer": "district-office", "direction": direction}
        worse = 0.03 if bad and direction == "forward" else 0.0
        loss = it.worse([abs(v) for v in it.wander(f"way {direction}", 0.0, 0.001)], "loss", worse)
        it.tell(c.PATH_LOSS_RATIO, loss, **labels)
        varies = [abs(v) for v in it.wander(f"varies {direction}", 0.002, 0.001)]
        it.tell(c.PATH_DELAY_VARIATION_P90, it.worse(varies, "loss", worse / 2), **labels)


def service(wanted: Service, site: str, tape: Tape, plan: Plan) -> None:
    """A service as it is seen from one office."""
    it = Subject(wanted.id, site, "service", site, tape, plan)
    if wanted.url:
        _page(it)
    elif wanted.tcp:
        network.check(it, "tcp", 0.02)
        it.tell(c.TCP_CONNECT, it.wander(f"{site} tcp", 0.018, 0.006))
    else:
        network.check(it, "dns", 0.01)
        it.tell(c.DNS_ANSWER_OK, it.tape.constant(1))
        it.tell(c.DNS_RESPONSE, it.wander(f"{site} dns", 0.007, 0.003))


def _page(it: Subject) -> None:
    network.check(it, "http", 0.4)
    network.check(it, "tls", 0.1)
    for phase, seconds in (
        ("resolve", 0.01),
        ("connect", 0.02),
        ("tls", 0.06),
        ("processing", 0.25),
        ("transfer", 0.08),
    ):
        values = it.wander(f"{it.site} {phase}", seconds, seconds / 4)
        if phase == "processing":
            values = it.worse(values, "slow_page", 4.2)
        it.tell(c.HTTP_RESPONSE, values, phase=phase)
    it.tell(c.HTTP_STATUS_CODE, it.tape.constant(200))
    it.tell(c.HTTP_CONTENT_OK, it.tape.constant(1))
    days = 12 if it.has("certificate") else 30 + zlib.crc32(it.id.encode()) % 60
    it.tell(c.TLS_NOT_AFTER, it.tape.constant(it.tape.times[-1] + days * 86_400.0))
