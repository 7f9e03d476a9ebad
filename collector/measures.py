"""What each measurement is called on a page, in the order in which a page shows them.

Only what tells something by itself is here: counters, constants and `…_info` are left to
Prometheus.
"""

from __future__ import annotations

from collector.words import N_
from telemetry import catalogue as c

MEASURES: dict[str, str] = {
    c.CHECK_UP.name: N_("Check passed"),
    c.ICMP_LOSS_RATIO.name: N_("Packets lost"),
    c.ICMP_RTT_MEDIAN.name: N_("Response time"),
    c.ICMP_RTT_MAX.name: N_("Longest response time"),
    c.ICMP_JITTER.name: N_("Unsteadiness of the response (jitter)"),
    c.PATH_LOSS_RATIO.name: N_("Packets lost on the way"),
    c.PATH_ROUND_TRIP_MEDIAN.name: N_("Round trip on the way"),
    c.PATH_GRADE.name: N_("Grade of the way for calls (1 bad, 5 good)"),
    c.DEVICE_UPTIME.name: N_("Running without a restart"),
    c.DEVICE_CPU_UTILIZATION.name: N_("Processor in use"),
    c.DEVICE_MEMORY_UTILIZATION.name: N_("Memory in use"),
    c.DEVICE_STORAGE_UTILIZATION.name: N_("Disk in use"),
    c.DEVICE_TEMPERATURE.name: N_("Temperature"),
    c.DEVICE_FAN_OK.name: N_("Fan is good"),
    c.DEVICE_POWER_SUPPLY_OK.name: N_("Power supply is good"),
    c.SNMP_RESPONSE.name: N_("Answers a question in (SNMP)"),
    c.INTERFACE_UP.name: N_("Port is connected"),
    c.INTERFACE_SPEED.name: N_("Port speed"),
    c.INTERFACE_FULL_DUPLEX.name: N_("Port runs full duplex"),
    c.OPTICAL_RECEIVE_POWER.name: N_("Light received"),
    c.OPTICAL_TRANSMIT_POWER.name: N_("Light sent"),
    c.OPTICAL_TEMPERATURE.name: N_("Temperature of the optics"),
    c.OPTICAL_BIAS.name: N_("Laser current"),
    c.CELLULAR_RSRP.name: N_("Mobile signal strength (RSRP)"),
    c.CELLULAR_RSRQ.name: N_("Mobile signal quality (RSRQ)"),
    c.CELLULAR_SINR.name: N_("Mobile signal over noise (SINR)"),
    c.CELLULAR_RSSI.name: N_("Mobile signal (RSSI)"),
    c.CELLULAR_REGISTERED.name: N_("Registered in the mobile network"),
    c.CELLULAR_GENERATION.name: N_("Mobile network generation"),
    c.POWER_ON_BATTERY.name: N_("Running on battery"),
    c.BATTERY_CHARGE.name: N_("Battery charge"),
    c.BATTERY_RUNTIME.name: N_("Battery lasts"),
    c.BATTERY_VOLTAGE.name: N_("Battery voltage"),
    c.BATTERY_TEMPERATURE.name: N_("Battery temperature"),
    c.BATTERY_REPLACE_NEEDED.name: N_("Asks for a new battery"),
    c.POWER_INPUT_VOLTS.name: N_("Mains voltage"),
    c.POWER_OUTPUT_LOAD.name: N_("Load of the power supply"),
    c.RECTIFIER_OK.name: N_("Rectifier works"),
    c.CONFERENCE_REGISTERED.name: N_("Registered for calls"),
    c.CONFERENCE_CALL_ACTIVE.name: N_("In a call"),
    c.CONFERENCE_CALL_LOSS.name: N_("Packets lost in the call"),
    c.CONFERENCE_CALL_JITTER.name: N_("Jitter of the call"),
    c.CONFERENCE_CALL_LATENCY.name: N_("Round trip of the call"),
    c.CONFERENCE_PERIPHERAL_OK.name: N_("Camera, microphone … works"),
    c.HOST_LOAD.name: N_("Load per processor"),
    c.HOST_CLOCK_OFFSET.name: N_("Clock is off by"),
    c.HTTP_STATUS_CODE.name: N_("Status code of the page"),
    c.HTTP_RESPONSE.name: N_("Page loads in"),
    c.HTTP_CONTENT_OK.name: N_("Page shows what it should"),
    c.TLS_NOT_AFTER.name: N_("Certificate is valid until"),
    c.DNS_ANSWER_OK.name: N_("Name is resolved correctly"),
    c.DNS_RESPONSE.name: N_("Name is resolved in"),
    c.TCP_CONNECT.name: N_("Connection is set up in"),
    c.PRINTER_SUPPLY.name: N_("Ink or toner left"),
    c.CAMERA_RECORDING_OK.name: N_("Camera records"),
    c.WIFI_CLIENTS.name: N_("Devices on the Wi-Fi"),
}

YES_OR_NO = frozenset(
    name
    for name in MEASURES
    if name.endswith(("_ok", "_up", "_registered", "_active", "_needed", "_on_battery", "_duplex"))
)
"""Measurements that are 1 for yes and 0 for no."""

_ORDER = {name: place for place, name in enumerate(MEASURES)}


def shown_order(metric: str) -> int:
    """The place of a metric of MEASURES on a page."""
    return _ORDER[metric]
