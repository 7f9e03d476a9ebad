"""What a recording is expected to come out as, by what LibreNMS calls its system and type. Data only.

LibreNMS has some ten types, we have seventeen classes: where its type leaves open which one, all that fit
count as right; where the system is one product line, only its own class does.
"""

from __future__ import annotations

from dataclasses import dataclass

CLAIMS = {
    "polled": 0.95,
    "class": 0.90,
    "interfaces": 0.95,
    "temperature": 0.85,
    "light": 0.85,
    "charge": 0.85,
}
"""The share of recordings that must agree, of those that the claim concerns."""

AGREED_PORTS = 0.1
"""By what share of theirs a number of ports may differ: LibreNMS leaves out some by name and type."""


@dataclass(frozen=True, slots=True)
class SensorKind:
    """Sensors that are compared. theirs: LibreNMS's class of them; metrics: ours; low, high: what is
    plausible."""

    theirs: str
    metrics: tuple[str, ...]
    low: float
    high: float


SENSORS = {
    "temperature": SensorKind(
        "temperature",
        (
            "device_temperature_celsius",
            "optical_temperature_celsius",
            "battery_temperature_celsius",
        ),
        -60,
        200,
    ),
    "light": SensorKind(
        "dbm", ("optical_receive_power_dbm", "optical_transmit_power_dbm"), -60, 45
    ),
    "charge": SensorKind("charge", ("battery_charge_ratio",), 0, 1),
}

NETWORK = frozenset(
    ["router", "firewall", "lan_switch", "fiber_onu", "fiber_olt", "media_converter", "lte_cpe"]
)
BY_TYPE = {
    "network": NETWORK,
    "firewall": frozenset({"firewall", "router"}),
    "loadbalancer": frozenset({"other", "firewall", "router", "lan_switch", "server"}),
    "power": frozenset({"ups", "power_system"}),
    "wireless": frozenset({"wifi_ap", "cell_station", "lte_cpe"}),
    "server": frozenset({"server", "workstation"}),
    "storage": frozenset({"server"}),
    "printer": frozenset({"printer"}),
    "collaboration": frozenset({"vc_endpoint"}),
    "management": frozenset({"server", "other"}),
    "environment": frozenset({"other"}),
    "sensor": frozenset({"other"}),
    "timing": frozenset({"other", "server"}),
    "appliance": frozenset({"other", "server"}),
}


BY_OS = {
    "axiscam": {"camera"}, "hikvision-cam": {"camera"}, "dahua-nvr": {"camera"}, "illustra": {"camera"},
    "rajant": {"wifi_ap", "cell_station"}, "zyxelnwa": {"wifi_ap"},
    "tait-infra93": {"cell_station"}, "ucos": {"server"},
    "siteboss360": {"power_system"}, "siteboss550": {"power_system"}, "tpdin": {"power_system"},
    "deltaorion": {"power_system"}, "packetpower-eg": {"power_system"},
}  # fmt: skip
"""Systems whose type says something else than what they are: cameras as appliances, power controllers as
servers, radios and call managers by where they are listed."""

RADIO_POWER = {"aaron", "profline-sfd", "tait-infra93"}
"""Systems whose dBm are those of a radio transmitter, not of light."""


def agree(ours: int, theirs: int, share: float) -> bool:
    """Whether two counts are the same but for `share` of theirs, at least one."""
    return ours > 0 and abs(ours - theirs) <= max(1, share * theirs)


def agree_about_sensors(ours: int, theirs: int) -> bool:
    """Whether two counts of sensors are the same within reason: at least half, at most twice as many."""
    return theirs <= 2 * ours and ours <= max(2 * theirs, theirs + 1)


def expected_classes(os: str, type_: str) -> frozenset[str]:
    """The classes that are right for a system and type; empty where nothing can be said."""
    return frozenset(BY_OS.get(os) or BY_TYPE.get(type_, frozenset()))
