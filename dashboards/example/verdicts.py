"""What the collector would have said of the example's plan, and of itself."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.example.tape import Tape, only
from dashboards.example.trouble import SILENT, Plan
from dashboards.words import SEVERITIES, STATES
from inventory.inventory import Inventory
from telemetry import catalogue as c


def record(inventory: Inventory, sites: Sequence[str], tape: Tape, plan: Plan) -> None:
    """Puts the derived metrics down."""
    by_site: dict[str, list[Sequence[str]]] = {site: [] for site in sites}
    for device in inventory.devices:
        if device.site in by_site:
            states = plan.states(device.id)
            by_site[device.site].append(states)
            _health(
                tape,
                {"site": device.site, "device": device.id, "class": device.class_.value},
                states,
            )
    for service in inventory.services:
        who = {"site": service.from_[0], "device": service.id, "class": "service"}
        _health(tape, who, plan.states(service.id))
    for site, all_states in by_site.items():
        worst = [
            max(minute, key=lambda s: STATES[s].code) for minute in zip(*all_states, strict=True)
        ]
        for state in STATES:
            tape.add(
                c.SITE_HEALTH, {"site": site}, [float(now == state) for now in worst], state=state
            )
    _findings(inventory, sites, tape, plan)
    _rooms(inventory, sites, tape, plan)
    _own(sites, tape, plan)


def _health(tape: Tape, who: dict[str, str], states: Sequence[str]) -> None:
    for state in STATES:
        tape.add(c.DEVICE_HEALTH, who, [float(now == state) for now in states], state=state)


def _findings(inventory: Inventory, sites: Sequence[str], tape: Tape, plan: Plan) -> None:
    site_of = {device.id: device.site for device in inventory.devices}
    site_of |= {service.id: service.from_[0] for service in inventory.services}
    open_ = {severity: [0.0] * tape.minutes for severity in SEVERITIES}
    for fault in plan.faults:
        site = site_of.get(fault.device, fault.device)
        if not fault.rule or site not in sites:
            continue
        standing = plan.during(fault)
        who = {"site": site, "device": fault.device}
        tape.add(
            c.FINDING_ACTIVE,
            who,
            only(tape.constant(1), standing),
            rule=fault.rule,
            severity=fault.severity,
        )
        for minute, there in enumerate(standing):
            open_[fault.severity][minute] += there
    for severity, counts in open_.items():
        tape.add(c.INCIDENT_OPEN, {}, counts, severity=severity)


def _rooms(inventory: Inventory, sites: Sequence[str], tape: Tape, plan: Plan) -> None:
    ready = {"up": 1.0, "excused": 1.0, "down": 0.0, "unreachable": 0.0}
    for room in inventory.rooms:
        if room.site in sites:
            values = [ready.get(state, 0.5) for state in plan.states(room.id)]
            tape.add(c.CONFERENCE_ROOM_READY, {"site": room.site, "device": room.id}, values)


def _own(sites: Sequence[str], tape: Tape, plan: Plan) -> None:
    for site in sites:
        if site.startswith("station-"):
            continue
        marks, newest = [], float(tape.times[0])
        for time, quiet in zip(tape.times, plan.troubled(site, SILENT), strict=True):
            newest = newest if quiet else float(time)
            marks.append(newest)
        tape.add(c.AGENT_WATERMARK, {}, marks, agent=site)
    tape.add(c.LTMON_WATCHDOG, {}, [float(time) for time in tape.times])
    tape.add(c.LTMON_INGEST_SAMPLES, {}, tape.count("ingest", 310))
    tape.add(c.LTMON_INGEST_REJECTED, {}, tape.count("rejected", 0.001), reason="too_old")
    for channel, outcome, rate in (
        ("email", "sent", 1 / 700),
        ("email", "failed_busy", 1 / 3000),
        ("telegram", "sent", 1 / 900),
        ("telegram", "given_up", 1 / 6000),
    ):
        sent = tape.count(f"{channel} {outcome}", rate)
        tape.add(c.LTMON_NOTIFICATIONS, {}, sent, channel=channel, outcome=outcome)
    tape.add(
        c.LTMON_FORWARD_FAILURES,
        {},
        tape.count("unreachable", 1 / 600),
        store="prometheus",
        reason="unreachable",
    )
    away = [40.0 * (minute % 50) if minute % 50 < 8 else 2.0 for minute in range(tape.minutes)]
    tape.add(c.LTMON_FORWARD_PENDING, {}, away, store="prometheus")
