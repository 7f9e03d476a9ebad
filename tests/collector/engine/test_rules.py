"""Each rule: what opens it, what must not, what closes it, and whom it blames."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from collector.advice import PATH_RULES
from collector.fact import Fact
from collector.forecast_rule import ForecastRule
from collector.past_rule import PastRule
from collector.rule import FINE, UNSAID, Reading, Rule, Severity
from collector.rules import RULES, loss
from collector.state import HealthState, TargetState
from collector.twin_rule import TwinRule
from collector.usual_rule import UsualRule
from collector.words import Speaker
from inventory.expectation import DEFAULT_LIMITS, LIMIT_NAMES, Limit
from inventory.inventory import Inventory
from telemetry.catalogue import CATALOGUE
from tests.collector.engine.timetable import START, Timetable, district, named, run

DAY = 86400.0


def from_then(begin: float, bad: float, good: float) -> Callable[[float], float]:
    """`good` until `begin`, `bad` from then on until 3,000 s."""
    return lambda at: bad if begin <= at < 3000.0 else good


def with_more() -> Inventory:
    """The district with a 4G router and a service besides."""
    plain = json.loads(district().to_json())
    plain["devices"].append(
        {"id": "cpe", "site": "quang-son", "class": "lte_cpe", "address": "10.12.0.9"}
    )
    plain["links"].append({"id": "cpe-4g", "kind": "cellular", "ends": ["core/wan", "cpe/wwan0"]})
    plain["services"] = [
        {"id": "one-stop", "name": "Một cửa", "url": "https://example.vn", "from": ["centre"]}
    ]
    return Inventory.model_validate(plain)


TRIED_ELSEWHERE = {  # test_rules_of_change.py and test_trends.py
    "optical_drift",
    "snmp_ageing",
    "laser_wear",
    "memory_leak",
    "storage_filling",
    "battery_worn",
    "battery_voltage",
    "flapping",
    "reboot_loop",
    "port_speed",
    "port_duplex",
    "cellular_generation",
    "saturation",
    "discards",
    "buffer_dropping",
    "checks_late",
}

CASES = [
    # rule, device, metric, labels, good, bad, severity, cause
    ("latency", "bac-binh-router", "icmp_rtt_median_seconds", {}, 0.01, 0.2, "warning", ""),
    ("jitter", "bac-binh-room", "icmp_jitter_seconds", {}, 0.002, 0.04, "warning", ""),
    ("cpu", "core", "device_cpu_utilization_ratio", {"cpu": "1"}, 0.2, 0.95, "warning", ""),
    (
        "memory",
        "core",
        "device_memory_utilization_ratio",
        {"pool": "ram"},
        0.5,
        0.99,
        "critical",
        "",
    ),
    (
        "storage",
        "core",
        "device_storage_utilization_ratio",
        {"volume": "/"},
        0.5,
        0.92,
        "warning",
        "",
    ),
    (
        "temperature",
        "core",
        "device_temperature_celsius",
        {"sensor": "cpu"},
        40,
        75,
        "critical",
        "",
    ),
    (
        "optical_power",
        "bac-binh-onu",
        "optical_receive_power_dbm",
        {"interface": "pon0"},
        -20,
        -26,
        "warning",
        "link:bac-binh-fiber",
    ),
    ("on_battery", "bac-binh-ups", "power_on_battery", {}, 0, 1, "warning", "site:bac-binh"),
    ("battery_charge", "bac-binh-ups", "battery_charge_ratio", {}, 1.0, 0.1, "critical", ""),
    ("battery_replace", "bac-binh-ups", "battery_replace_needed", {}, 0, 1, "warning", ""),
    ("fan", "core", "device_fan_ok", {"fan": "1"}, 1, 0, "warning", ""),
    ("power_supply", "core", "device_power_supply_ok", {"supply": "A"}, 1, 0, "warning", ""),
    ("clock", "core", "host_clock_offset_seconds", {}, 0.01, -40, "critical", ""),
    (
        "certificate",
        "core",
        "tls_certificate_not_after_timestamp_seconds",
        {},
        START + 90 * DAY,
        START + 10 * DAY,
        "warning",
        "",
    ),
    ("path_grade", "bac-binh-room", "path_grade", {"peer": "centre"}, 4.3, 2.9, "warning", ""),
    (
        "call_loss",
        "bac-binh-room",
        "conference_call_loss_ratio",
        {"direction": "receive", "media": "video"},
        0.0,
        0.03,
        "warning",
        "",
    ),
    (
        "call_jitter",
        "bac-binh-room",
        "conference_call_jitter_seconds",
        {"direction": "receive", "media": "audio"},
        0.005,
        0.2,
        "critical",
        "",
    ),
    (
        "call_latency",
        "bac-binh-room",
        "conference_call_latency_seconds",
        {},
        0.1,
        0.4,
        "warning",
        "",
    ),
    ("registration", "bac-binh-room", "conference_registered", {}, 1, 0, "critical", ""),
    (
        "peripheral",
        "bac-binh-room",
        "conference_peripheral_ok",
        {"peripheral": "camera"},
        1,
        0,
        "warning",
        "",
    ),
    (
        "optical_transmit",
        "bac-binh-onu",
        "optical_transmit_power_dbm",
        {"interface": "pon0"},
        2.2,
        -5.0,
        "critical",
        "",
    ),
    (
        "cellular_signal",
        "cpe",
        "cellular_rsrp_dbm",
        {"modem": "1"},
        -95,
        -115,
        "warning",
        "link:cpe-4g",
    ),
    (
        "cellular_quality",
        "cpe",
        "cellular_rsrq_db",
        {"modem": "1"},
        -9,
        -17,
        "warning",
        "link:cpe-4g",
    ),
    (
        "cellular_interference",
        "cpe",
        "cellular_sinr_db",
        {"modem": "1"},
        12,
        -1,
        "warning",
        "link:cpe-4g",
    ),
    (
        "cellular_registration",
        "cpe",
        "cellular_registered",
        {"modem": "1"},
        1,
        0,
        "critical",
        "link:cpe-4g",
    ),
    ("battery_runtime", "bac-binh-ups", "battery_runtime_seconds", {}, 1800, 400, "warning", ""),
    (
        "battery_temperature",
        "bac-binh-ups",
        "battery_temperature_celsius",
        {},
        30,
        49,
        "warning",
        "",
    ),
    ("power_load", "bac-binh-ups", "power_output_load_ratio", {}, 0.3, 0.97, "critical", ""),
    ("rectifier", "bac-binh-ups", "rectifier_ok", {"rectifier": "2"}, 1, 0, "warning", ""),
    ("snmp_slow", "core", "snmp_response_seconds", {}, 0.02, 3.0, "warning", ""),
    ("wrong_content", "one-stop", "http_content_ok", {}, 1, 0, "critical", ""),
    ("wrong_name", "one-stop", "dns_answer_ok", {}, 1, 0, "critical", ""),
    ("slow_name", "one-stop", "dns_response_seconds", {}, 0.02, 0.9, "warning", ""),
    ("slow_connect", "one-stop", "tcp_connect_seconds", {}, 0.02, 1.5, "warning", ""),
    ("recording", "bac-binh-camera", "camera_recording_ok", {}, 1, 0, "warning", ""),
    (
        "printer_supply",
        "bac-binh-printer",
        "printer_supply_ratio",
        {"supply": "black"},
        0.5,
        0.05,
        "info",
        "",
    ),
    (
        "slow_page",
        "one-stop",
        "http_response_seconds",
        {"phase": "transfer"},
        0.1,
        4,
        "warning",
        "",
    ),
]


@pytest.mark.parametrize(
    ("rule", "device", "metric", "labels", "good", "bad", "severity", "cause"),
    CASES,
    ids=[case[0] for case in CASES],
)
def test_limit(
    rule: str,
    device: str,
    metric: str,
    labels: dict[str, str],
    good: float,
    bad: float,
    severity: str,
    cause: str,
) -> None:
    """Beyond the limit for as long as it says: one incident, with a reason; back again: resolved."""
    table = Timetable(inventory=with_more()).series(
        device, metric, from_then(600.0, bad, good), every=30.0, **labels
    )
    engine, events = run(table, 2900.0)
    opened = named(events, "incident_opened")
    assert [event.incident.cause for event in opened] == [cause or f"device:{device}"]
    finding = engine.view.findings()[0]
    assert (finding.rule, engine.view.open_incidents()[0].severity.value) == (rule, severity)
    lasted = DEFAULT_LIMITS[metric].for_seconds if metric in DEFAULT_LIMITS else 0.0
    slack = 150.0 if rule in PATH_RULES else 65.0  # faults of the way wait for what is on it
    assert START + 600.0 + lasted <= opened[0].at <= START + 600.0 + lasted + slack
    assert START + 585.0 <= finding.since <= START + 650.0
    if severity != "info" and device != "one-stop":
        assert engine.view.health_of(device).state is HealthState.DEGRADED
    _, events = run(table, 4000.0)
    assert len(named(events, "incident_opened")) == 1
    assert len(named(events, "incident_resolved")) == 1


def test_brief_peak_is_no_finding() -> None:
    """A processor that is busy for ten minutes is at work, not ill."""
    table = Timetable().series(
        "core",
        "device_cpu_utilization_ratio",
        lambda at: 0.99 if 600.0 <= at < 1200.0 else 0.2,
        cpu="1",
    )
    _, events = run(table, 2400.0)
    assert not events


def test_one_busy_processor_of_four() -> None:
    """A program that keeps one of four processors busy is at work; all four busy are overload."""
    for busy, wanted in (({"1"}, []), ({"1", "2", "3", "4"}, ["cpu"])):
        table = Timetable()
        for cpu in ("1", "2", "3", "4"):
            table.series(
                "core",
                "device_cpu_utilization_ratio",
                lambda at, full=cpu in busy: 0.98 if full and at > 300.0 else 0.1,  # type: ignore[misc]
                cpu=cpu,
            )
        _, events = run(table, 2900.0)
        assert [e.incident.rule for e in named(events, "incident_opened")] == wanted


def test_trembling_value_is_one_finding() -> None:
    """A value that trembles around its limit opens once and closes once."""
    table = Timetable().series(
        "core",
        "device_temperature_celsius",
        lambda at: (
            (56.0 if int(at / 30) % 2 else 54.0)
            if 1000.0 < at < 3000.0 and at > 1600.0
            else (60.0 if 1000.0 < at <= 1600.0 else 40.0)
        ),
        every=30.0,
        sensor="1",
    )
    _, events = run(table, 3600.0)
    assert len(named(events, "incident_opened")) == 1
    assert len(named(events, "incident_resolved")) == 1


def test_loss() -> None:
    """A room that loses packets again and again is an incident about the room."""
    table = Timetable(loss={"bac-binh-room": (600.0, 0.2)})
    engine, events = run(table, 1500.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == ["device:bac-binh-room"]
    assert engine.view.findings()[0].rule == "loss"
    assert engine.view.health_of("bac-binh-room").state is HealthState.DEGRADED


def test_what_was_lost_before_is_over() -> None:
    """Two hours after a lossy line was mended one bad burst does not bring the old ones back."""
    table = Timetable(agents={"centre": ("core",)}).series(
        "core",
        "icmp_loss_ratio",
        lambda at: 0.2 if 600.0 <= at < 2400.0 or 8400.0 <= at < 8460.0 else None,
        every=30.0,
    )
    _, events = run(table, 9600.0)
    assert len(named(events, "incident_opened")) == 1
    assert named(events, "incident_resolved")[0].at < START + 3600.0


def test_lone_lossy_burst() -> None:
    """One bad burst is weather."""
    table = Timetable().series(
        "bac-binh-room",
        "icmp_loss_ratio",
        lambda at: 0.6 if 600.0 <= at < 630.0 else 0.0,
        every=30.0,
    )
    _, events = run(table, 1500.0)
    assert not events


@pytest.mark.parametrize(
    ("bad", "proven"),
    [
        ({10: 0.5, 12: 0.1, 15: 0.7}, False),  # two bad moments and a lost packet
        ({10: 0.5, 11: 0.5, 12: 0.5}, True),
        (dict.fromkeys(range(0, 24, 2), 0.1), True),
    ],
)
def test_bursts_prove_a_lossy_line(bad: dict[int, float], proven: bool) -> None:
    """Packets of one burst are lost together: it is how many bursts lose some that proves it."""
    window = [(30.0 * burst, bad.get(burst, 0.0)) for burst in range(max(bad) + 1)]
    at, ratio = window[-1]
    fact = Fact("icmp_loss_ratio", "centre", "", (), at=at, value=ratio, window=window)
    limit = Limit(degraded=0.02, clear=0.01)
    condition = loss.RULE.judge(fact, TargetState("room", "bac-binh", "vc_endpoint"), limit, at)
    assert condition is not None
    assert (condition.for_seconds == 0.0) is proven


def test_half_lost_burst_at_a_recovery() -> None:
    """The burst in which a dead device comes back is half lost; that is no lossy line."""
    table = Timetable(phases={"bac-binh-room": 5.0}).fail("bac-binh-room", 600.0, 904.0)
    table.series(
        "bac-binh-room",
        "icmp_loss_ratio",
        lambda at: 0.5 if 904.0 <= at < 920.0 else None,
        every=30.0,
    )
    _, events = run(table, 1800.0)
    assert [e.incident.rule for e in named(events, "incident_opened")] == ["reachability"]


def test_errors_end_with_their_cause() -> None:
    """When the cable is replaced the finding ends within the time that its limit gives."""
    table = Timetable()
    table.series(
        "bac-binh-switch",
        "interface_receive_packets_total",
        lambda at: at * 100.0,
        interface="ge1",
    )
    table.series(
        "bac-binh-switch",
        "interface_receive_errors_total",
        lambda at: max(0.0, min(at, 1500.0) - 900.0),
        interface="ge1",
    )
    _, events = run(table, 2400.0)
    resolved = named(events, "incident_resolved")
    assert len(resolved) == 1
    assert resolved[0].at <= START + 1500.0 + 300.0 + 90.0


def test_loss_behind_a_lossy_router_is_one_incident() -> None:
    """When the router loses packets, so does all behind it: one incident, the router."""
    ill = ("bac-binh-router", "bac-binh-switch", "bac-binh-room", "bac-binh-pc")
    table = Timetable(loss=dict.fromkeys(ill, (600.0, 0.4)))
    engine, events = run(table, 1800.0)
    opened = named(events, "incident_opened")
    assert [event.incident.cause for event in opened] == ["device:bac-binh-router"]
    assert {"bac-binh-switch", "bac-binh-room", "bac-binh-pc"} <= set(
        engine.view.open_incidents()[0].affected
    )


def port(table: Timetable, errors_per_s: float, packets_per_s: float, begin: float = 900.0) -> None:
    """A port that counts packets, and from `begin` on errors."""
    table.series(
        "bac-binh-switch",
        "interface_receive_packets_total",
        lambda at: at * packets_per_s,
        interface="ge1",
    )
    table.series(
        "bac-binh-switch",
        "interface_receive_errors_total",
        lambda at: max(0.0, at - begin) * errors_per_s,
        interface="ge1",
    )


def test_interface_errors() -> None:
    """Broken frames beyond a share of all frames are a finding about that port."""
    table = Timetable()
    port(table, errors_per_s=1.0, packets_per_s=100.0)
    engine, _ = run(table, 2400.0)
    findings = engine.view.findings()
    assert [(f.rule, f.instance, f.severity) for f in findings] == [
        ("interface_errors", "ge1", Severity.CRITICAL)
    ]


def test_errors_on_an_idle_port_mean_nothing() -> None:
    """A few broken frames among a few frames say nothing."""
    table = Timetable()
    port(table, errors_per_s=0.01, packets_per_s=0.05)
    engine, _ = run(table, 2400.0)
    assert not engine.view.findings()


def test_counter_reset_is_no_error_burst() -> None:
    """A reboot sets the counters to zero; that is no burst of errors and no negative traffic."""
    table = Timetable()
    table.series(
        "bac-binh-switch",
        "interface_receive_packets_total",
        lambda at: (at if at < 1200.0 else at - 1200.0) * 1000.0,
        interface="ge1",
    )
    table.series(
        "bac-binh-switch",
        "interface_receive_errors_total",
        lambda at: 5_000_000.0 if at < 1200.0 else 3.0,
        interface="ge1",
    )
    engine, _ = run(table, 2400.0)
    assert not engine.view.findings()


def test_snmp_silent() -> None:
    """A device that answers to ping but not to SNMP is degraded, not down."""
    table = Timetable().series(
        "core", "check_up", lambda at: 0.0 if at > 600.0 else 1.0, check="snmp"
    )
    engine, events = run(table, 2400.0)
    assert [f.rule for f in engine.view.findings()] == ["snmp_silent"]
    assert engine.view.health_of("core").state is HealthState.DEGRADED
    assert len(named(events, "incident_opened")) == 1


def test_maintenance_excuses() -> None:
    """Under planned work a dead device is judged but nobody is told, and its time is excused."""
    inventory = district(
        maintenance=[
            {
                "id": "w47",
                "what": ["device:bac-binh-switch"],
                "from": "2023-11-14T22:13:20+00:00",
                "until": "2023-11-14T22:43:20+00:00",
                "why": "thay ắc quy",
            }
        ]
    )
    engine, events = run(Timetable(inventory=inventory).fail("bac-binh-switch", 300.0), 1500.0)
    assert not events
    assert engine.view.health_of("bac-binh-switch").state is HealthState.EXCUSED
    assert engine.view.seconds_in_states("bac-binh-switch")["excused"] == pytest.approx(
        1500.0, abs=1.0
    )
    engine, events = run(Timetable(inventory=inventory).fail("bac-binh-switch", 300.0), 2400.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == [
        "device:bac-binh-switch"
    ]


def test_every_rule_is_tried() -> None:
    """Each rule looks at metrics of the catalogue, has a limit, and a case in this file."""
    here = {case[0] for case in CASES} | {"loss", "interface_errors", "snmp_silent"}
    tried = here | TRIED_ELSEWHERE
    assert {rule.name for rule in RULES} == tried
    for rule in RULES:
        assert set(rule.metrics) <= set(CATALOGUE)
        assert rule.limit in DEFAULT_LIMITS


def test_every_rule_speaks_both_languages() -> None:
    """What is wrong and what to try first are said in Vietnamese too."""
    speaker = Speaker()
    for rule in RULES:
        for template in (rule.headline, rule.advice):
            assert speaker.translate(template, "vi") != template, rule.name


GIVEN = {
    PastRule: {"value", "usual", "instance"},
    UsualRule: {"value", "usual", "instance"},
    TwinRule: {"value", "usual", "count", "instance"},
    ForecastRule: {"value", "rate", "limit", "date", "instance"},
}
"""What each kind puts into a template; the others: the value, its limit and the instance."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.metric}")
def test_a_declaration_asks_for_what_its_kind_gives(rule: Rule) -> None:
    """A place that nobody fills would stand in a message as it is."""
    places = set(re.findall(r"\{(\w+)\}", rule.template))
    assert places <= GIVEN.get(type(rule), {"value", "limit", "instance"})
    assert set(re.findall(r"\{(\w+)\}", rule.headline)) <= {"name", "site"}
    assert rule.metrics[0] == rule.metric
    assert rule.limit in LIMIT_NAMES


def test_a_reason_is_written_only_where_it_may_be_told() -> None:
    """Between the limits a rule keeps silent, and nothing is put into words."""
    rule = next(rule for rule in RULES if rule.name == "fan")
    fact = Fact(rule.metric, "centre", "fan2", (), value=0.0)
    core = TargetState("core", "centre", "router")
    limit = DEFAULT_LIMITS["device_fan_ok"]
    bad = rule.judge(fact, core, limit, START)
    assert bad is not None
    assert bad.reading is Reading.BAD
    assert bad.for_seconds == limit.for_seconds
    assert Speaker().say(bad.reason, "en").startswith("Its fan fan2 has failed")
    fact.value = 0.5
    between = rule.judge(fact, core, limit, START)
    assert between is not None
    assert (between.reading, between.reason) == (Reading.BETWEEN, UNSAID)
    fact.value = 1.0
    assert rule.judge(fact, core, limit, START) is FINE
