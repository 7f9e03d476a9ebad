"""The catalogue holds every metric promised to users, under the field's naming rules."""

from __future__ import annotations

import re

import pytest

from telemetry.catalogue import CATALOGUE, Kind, Metric, Scope, _add

PROMISED = """
check_up{check} check_duration_seconds{check} check_failures_total{check,reason}
icmp_loss_ratio icmp_rtt_min_seconds icmp_rtt_median_seconds icmp_rtt_p90_seconds
icmp_rtt_max_seconds icmp_jitter_seconds icmp_packets_sent_total icmp_packets_received_total
path_loss_ratio{peer,direction} path_round_trip_median_seconds{peer}
path_delay_variation_p90_seconds{peer,direction} path_grade{peer}
device_info{vendor,model,os,serial,profile} device_uptime_seconds
device_cpu_utilization_ratio{cpu} device_memory_utilization_ratio{pool}
device_storage_utilization_ratio{volume} device_temperature_celsius{sensor} device_fan_ok{fan}
device_power_supply_ok{supply} snmp_response_seconds
interface_info{interface,alias,type,mac} interface_up{interface} interface_admin_up{interface}
interface_speed_bits_per_second{interface} interface_full_duplex{interface}
interface_receive_bytes_total{interface} interface_transmit_bytes_total{interface}
interface_receive_packets_total{interface} interface_transmit_packets_total{interface}
interface_receive_errors_total{interface} interface_transmit_errors_total{interface}
interface_receive_discards_total{interface} interface_transmit_discards_total{interface}
interface_fcs_errors_total{interface} interface_last_change_seconds{interface}
optical_receive_power_dbm{interface} optical_transmit_power_dbm{interface}
optical_bias_amperes{interface} optical_temperature_celsius{interface}
optical_voltage_volts{interface}
cellular_rsrp_dbm{modem} cellular_rsrq_db{modem} cellular_sinr_db{modem} cellular_rssi_dbm{modem}
cellular_registered{modem} cellular_generation{modem}
power_on_battery battery_charge_ratio battery_runtime_seconds battery_voltage_volts
battery_temperature_celsius battery_replace_needed power_input_volts{phase}
power_output_load_ratio rectifier_ok{rectifier}
conference_registered conference_call_active conference_call_loss_ratio{direction,media}
conference_call_jitter_seconds{direction,media} conference_call_latency_seconds
conference_peripheral_ok{peripheral}
host_load_ratio host_clock_offset_seconds
http_status_code http_response_seconds{phase} http_content_ok
tls_certificate_not_after_timestamp_seconds dns_answer_ok dns_response_seconds tcp_connect_seconds
printer_supply_ratio{supply} camera_recording_ok wifi_clients
agent_info{version} agent_boot_timestamp_seconds agent_start_timestamp_seconds
agent_buffer_samples agent_buffer_bytes agent_buffer_oldest_timestamp_seconds
agent_buffer_dropped_samples_total agent_push_failures_total{reason} agent_check_lateness_seconds
device_health{state} finding_active{rule,severity} incident_open{severity} site_health{state}
agent_watermark_timestamp_seconds{agent} conference_room_ready ltmon_ingest_samples_total
ltmon_ingest_rejected_total{reason} ltmon_notifications_total{channel,outcome}
ltmon_watchdog_timestamp_seconds
"""
# What the derived metrics carry besides: of which site, which device.
DERIVED_IDENTITY = {"site", "device", "class"}
NOT_BASE_UNITS = "milliseconds|minutes|hours|kilobytes|megabytes|percent|fahrenheit|bits|mbps"


def promised() -> dict[str, set[str]]:
    found = re.findall(r"(\w+)(?:\{([\w,]+)\})?", PROMISED)
    return {name: set(filter(None, labels.split(","))) for name, labels in found}


@pytest.mark.parametrize("name", promised())
def test_every_promised_metric_exists(name: str) -> None:
    """With its instance labels."""
    metric = CATALOGUE[name]
    given = set(metric.labels)
    if metric.scope is Scope.COLLECTOR:
        given -= DERIVED_IDENTITY - promised()[name]
    assert given == promised()[name]


@pytest.mark.parametrize("metric", CATALOGUE.values(), ids=CATALOGUE)
def test_naming_rules(metric: Metric) -> None:
    """Snake case, counters alone end in _total, the unit is a base unit and in the name."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    stem = metric.name.removesuffix("_total")
    assert not metric.unit or stem.endswith(f"_{metric.unit}") or f"_{metric.unit}_" in stem
    words = stem.removesuffix("_bits_per_second").split("_")
    assert not re.search(rf"\b({NOT_BASE_UNITS})\b", " ".join(words))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", label) for label in metric.labels)
    assert len(metric.labels) == len(set(metric.labels))
    assert metric.help
    assert not metric.help.endswith(".")


def test_a_name_is_listed_once() -> None:
    """The second of two metrics with one name is refused where it is written."""
    with pytest.raises(ValueError, match="check_up is listed twice"):
        _add(CATALOGUE["check_up"])
