"""What is expected: limits per metric or rule, the shipped defaults and what a district puts over them.

Marks of the reasons: [field] a practice read in the default rules of other monitors, [standard] a published
one, [ours] a choice of this project. Limits against an element's own past come on top of these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from inventory.device_class import DeviceClass
from inventory.document import StrictModel
from inventory.fields import Slug, expected
from inventory.limit import Limit as Limit
from telemetry.catalogue import CATALOGUE, Kind, Scope

DERIVED_LIMITS = MappingProxyType(
    {
        "reachability": "checks in a row without an answer",
        "interface_errors_ratio": "share of an interface's packets that are broken, either direction",
        "interface_discards_ratio": "share of an interface's packets that are thrown away, either direction",
        "interface_use_ratio": "what an interface carries as a share of its speed, over a quarter of an hour",
        "interface_flap_score": "how often an interface goes up and down: doubled at each change, ageing",
        "interface_speed_share": "an interface's speed as a share of what it used to be",
        "interface_duplex_share": "0 when an interface that was full duplex no longer is",
        "cellular_generation_share": "the mobile network's generation as a share of what it used to be",
        "device_restarts_per_day": "how often a device restarted within 24 hours",
        "agent_buffer_dropped": "samples that an agent gave up within an hour",
        "agent_check_lateness": "how many seconds after they are due an agent begins its checks",
        "optical_drift": "the light at which a fading fibre fails; `for` is how far ahead that is told",
        "laser_wear": "the light that a fading laser must send; `for` is how far ahead that is told",
        "memory_leak": "how full a leaking memory may become; `for` is how far ahead that is told",
        "storage_filling": "how full a disk may become; `for` is how far ahead that is told",
        "snmp_ageing": "the seconds that an answer to SNMP may take; `for` is how far ahead that is told",
        "battery_worn": "the seconds that a battery must last; `for` is how far ahead that is told",
        "optical_receive_power_change": "light received, compared with what it used to be, in dB",
        "optical_transmit_power_change": "light sent, compared with what it used to be, in dB",
        "icmp_rtt_median_change": "round trip, compared with what it used to be, in seconds",
        "icmp_jitter_change": "jitter, compared with what it used to be, in seconds",
        "snmp_response_change": "time to answer SNMP, compared with what it used to be, in seconds",
        "cellular_rsrp_change": "mobile signal, compared with what it used to be, in dB",
        "battery_runtime_change": "time on battery, compared with what it used to be, in seconds",
        "battery_voltage_change": "battery voltage, compared with what it used to be, in volts",
        "optical_receive_power_beside_twins": "light received, compared with the like elsewhere, in dB",
        "icmp_rtt_median_beside_twins": "round trip, compared with the like elsewhere, in seconds",
        "snmp_response_beside_twins": "time to answer SNMP, compared with the like elsewhere, in seconds",
        "device_temperature_beside_twins": "temperature, compared with the like elsewhere, in kelvin",
        "battery_temperature_beside_twins": "battery's heat, compared with the like elsewhere, in kelvin",
        "tls_certificate_days_left": "days until a certificate expires",
        "agent_silent": "how long (`for`) nothing may arrive from an agent",
        "snmp_silent": "1 while a device answers to ping but not to SNMP",
    }
)
"""Limits whose value a rule works out itself, with what that value is."""

LIMIT_NAMES = (
    *DERIVED_LIMITS,
    *(
        name
        for name, metric in CATALOGUE.items()
        if metric.scope is Scope.DEVICE and metric.kind is Kind.GAUGE
    ),
)
"""Every name that may bear a limit."""


def _limit(
    degraded: float | None = None,
    critical: float | None = None,
    clear: float | None = None,
    for_seconds: float = 0.0,
    direction: Literal["above", "below"] = "above",
) -> Limit:
    return Limit(
        degraded=degraded,
        critical=critical,
        clear=clear,
        for_seconds=for_seconds,
        direction=direction,
    )


_HOUR = 3600.0
_DAY = 24 * _HOUR

DEFAULT_LIMITS: dict[str, Limit] = {
    # Two misses: within two intervals, and one lost burst of a busy box stays unsaid. Zabbix waits for
    # three [field]; our burst of ten echoes is already ten attempts [ours].
    "reachability": _limit(critical=2),
    # An agent speaks every 15 s and pushes every 5 s: ten heartbeats lost are no hiccup of the uplink [ours].
    "agent_silent": _limit(for_seconds=150),
    # Others wait for 5 % (Netdata) or 20 % (Zabbix) [field]; 0.5-2 % already ruins speech and halves the
    # speed of files. One packet of ten is 10 %: the rule averages over as long as it takes to be sure, up
    # to three hours. 30 % is where web pages stop loading [ours].
    "icmp_loss_ratio": _limit(0.02, 0.3, 0.01),
    # ITU-T G.114 grants a conversation 150 ms one way [standard]; a round trip of 150 ms is half of that,
    # and Zabbix' default [field].
    "icmp_rtt_median_seconds": _limit(0.15, 0.5, 0.12, 120),
    # Call software hides some tens of milliseconds by buffering; pages and files bear more [ours].
    "icmp_jitter_seconds": _limit(0.05, 0.15, 0.04, 120),
    # 0.01 % and 0.1 % of packets, both directions: Checkmk's levels [field]. A healthy line has none.
    "interface_errors_ratio": _limit(0.0001, 0.001, 0.00005, 300),
    # Netdata waits for 2 % of frames [field]; TCP halves its speed at 0.3 % already. A quarter of an hour:
    # short bursts fill any queue [ours].
    "interface_discards_ratio": _limit(0.003, 0.05, 0.0015, 900),
    # Zabbix: above 90 % for 15 minutes [field]. An hour and a half here: backups of an hour are work.
    "interface_use_ratio": _limit(0.9, None, 0.8, 5400),
    # Zino's level is 35, but it hears of every change [field]: four or five changes at once, or one in ten
    # minutes for an hour [ours].
    "interface_flap_score": _limit(16, None, 4),
    # A gigabit port of which one pair of wires has failed falls to 100 Mbit/s, a tenth.
    "interface_speed_share": _limit(0.5, None, 0.99, 300, "below"),
    "interface_duplex_share": _limit(0, None, 1, 300, "below"),
    # 3G where 4G was. Modems change cells in storms; a quarter of an hour is no storm [ours].
    "cellular_generation_share": _limit(0.8, None, 1, 900, "below"),
    # One restart is news for nobody, two are an upgrade with its second try; five minutes later the
    # neighbours have told whether they restarted too [ours].
    "device_restarts_per_day": _limit(3, None, 1, 300),
    "agent_buffer_dropped": _limit(1, None, 0),
    # Most devices are looked at every 30 or 60 s: half a minute late is as good as every second look [ours].
    "agent_check_lateness": _limit(30, None, 10, 600),
    # Above 90 %: Grafana's and Zabbix' level, theirs for 15 minutes [field]; half an hour here, because
    # backups and scans are work, not illness [ours].
    "device_cpu_utilization_ratio": _limit(0.9, None, 0.8, 1800),
    "device_memory_utilization_ratio": _limit(0.9, 0.98, 0.85, 900),
    # 97 %: databases and logs stop soon after [ours].
    "device_storage_utilization_ratio": _limit(0.9, 0.97, 0.88, 300),
    # Zabbix warns of Cisco gear at 50 and 60 °C [field]; closed cabinets here reach 50 °C in June [ours].
    "device_temperature_celsius": _limit(55, 70, 50, 300),
    # Class B+ receivers hear down to -27 dBm (ITU-T G.984.2) [standard]: below -25 the margin of the
    # ageing splices is gone, at -27.5 the line fails with the next bend.
    "optical_receive_power_dbm": _limit(-25, -27.5, -24.5, 120, "below"),
    # What lasers of single-mode modules send at least (IEEE 802.3: 1000BASE-LX -11 dBm) [standard].
    "optical_transmit_power_dbm": _limit(-12, -15, -11, 300, "below"),
    # Below -110 dBm LTE falls back or stops; below -15 dB and 0 dB the cell is crowded or disturbed, as
    # the manuals of routers for it say (Teltonika, Sierra) [field]. Ten minutes: rain and lorries pass.
    "cellular_rsrp_dbm": _limit(-112, -120, -108, 600, "below"),
    "cellular_rsrq_db": _limit(-16, -19, -13, 600, "below"),
    "cellular_sinr_db": _limit(0, -5, 6, 600, "below"),
    "cellular_registered": _limit(0, None, 1, 120, "below"),
    # On battery is news at once: it is the only warning before the office goes dark. 10 s spares the
    # UPS' own self-test [ours].
    "power_on_battery": _limit(1, None, 0, 10),
    "battery_charge_ratio": _limit(0.5, 0.2, 0.6, 0, "below"),
    # Ten minutes to shut a server down properly; awesome-prometheus-alerts says 15 [field].
    "battery_runtime_seconds": _limit(600, 180, 900, 60, "below"),
    "battery_replace_needed": _limit(1, None, 0),
    # Lead batteries lose half their life for every 10 K above 25 °C and must not be used above 50 °C; others
    # warn at 40 °C [field], which rooms without air conditioning bring each afternoon in June [ours].
    "battery_temperature_celsius": _limit(48, 55, 44, 300),
    "power_output_load_ratio": _limit(0.8, 0.95, 0.75, 60),  # Netdata's levels [field]
    "rectifier_ok": _limit(0, None, 1, 60, "below"),
    # The device's own word; a minute spares a fan that is just starting [ours].
    "device_fan_ok": _limit(0, None, 1, 60, "below"),
    "device_power_supply_ok": _limit(0, None, 1, 60, "below"),
    # A healthy box answers within milliseconds; after 2 s most pollers ask again, then give up [ours].
    "snmp_response_seconds": _limit(2, 5, 1, 600),
    # A call: G.1010's loss, the jitter that buffers hide, G.114's delay there and back [standard].
    "conference_call_loss_ratio": _limit(0.01, 0.1, 0.005, 60),
    "conference_call_jitter_seconds": _limit(0.03, 0.1, 0.02, 60),
    "conference_call_latency_seconds": _limit(0.3, 0.6, 0.25, 60),
    # Below 3.6 many users are dissatisfied, below 2.6 nearly all (ITU-T G.107, annex B) [standard].
    "path_grade": _limit(3.1, 2.6, 3.6, 120, "below"),
    # One round of polls: by then it is known whether it is this room or the server of all of them [ours].
    "conference_registered": _limit(0, None, 1, 330, "below"),
    "conference_peripheral_ok": _limit(0, None, 1, 120, "below"),
    "camera_recording_ok": _limit(0, None, 1, 600, "below"),
    "printer_supply_ratio": _limit(0.1, 0.02, 0.15, 0, "below"),
    # Zabbix gives SNMP five minutes [field]; but old boxes miss one poll in twelve as a habit, so that
    # four in a row happen every other month [ours].
    "snmp_silent": _limit(1, None, 0, 1200),
    # 20 and 3 days are the blackbox rules [field]; a renewal by letter takes two weeks here [ours].
    "tls_certificate_days_left": _limit(20, 3, 21, 0, "below"),
    # People give up after a few seconds: 10 s is Nielsen's bound of attention [ours].
    "http_response_seconds": _limit(3, 10, 2, 300),
    "http_content_ok": _limit(0, None, 1, 60, "below"),
    "dns_answer_ok": _limit(0, None, 1, 60, "below"),
    "dns_response_seconds": _limit(0.5, 2, 0.3, 300),
    "tcp_connect_seconds": _limit(1, 3, 0.5, 300),
    # Either side of zero. Signatures with time stamps and two-factor codes fail beyond 30 s [ours].
    "host_clock_offset_seconds": _limit(1, 30, 0.5, 600),
    # Forecasts: where it fails by the limits above, and how long ahead an order, a carrier's visit or a
    # budget takes here [ours].
    "optical_drift": _limit(-27, for_seconds=30 * _DAY, direction="below"),
    "laser_wear": _limit(-12, for_seconds=30 * _DAY, direction="below"),
    "memory_leak": _limit(0.95, for_seconds=14 * _DAY),
    "storage_filling": _limit(0.97, for_seconds=14 * _DAY),
    # A fifth of a second for what took a hundredth or two: ageing, long before it is silent [ours].
    "snmp_ageing": _limit(0.2, for_seconds=30 * _DAY),
    "battery_worn": _limit(600, for_seconds=30 * _DAY, direction="below"),
    # Against its own past: what change matters for equipment at all. A dirty connector costs 1 to 3 dB, a
    # bend as much; below that is the weather and the meter's own error [ours].
    "optical_receive_power_change": _limit(-1.5, None, -0.8, 2 * _HOUR, "below"),
    "optical_transmit_power_change": _limit(-1.5, None, -0.8, 2 * _HOUR, "below"),
    "icmp_rtt_median_change": _limit(0.02, None, 0.01, 2 * _HOUR),
    "icmp_jitter_change": _limit(0.01, None, 0.005, 2 * _HOUR),
    # A box that takes three times as long as it used to is ageing or overloaded, however quick it was.
    "snmp_response_change": _limit(0.03, None, 0.015, 3 * _HOUR),
    "cellular_rsrp_change": _limit(-8, None, -4, _HOUR, "below"),
    "battery_runtime_change": _limit(-300, None, -150, 3 * _HOUR, "below"),
    "battery_voltage_change": _limit(-0.5, None, -0.3, 3 * _HOUR, "below"),
    # Beside its twins: offices differ by their distance and their rooms; this is beyond that [ours].
    "optical_receive_power_beside_twins": _limit(-6, None, -4, 6 * _HOUR, "below"),
    "icmp_rtt_median_beside_twins": _limit(0.05, None, 0.03, 3 * _HOUR),
    "snmp_response_beside_twins": _limit(0.5, None, 0.3, 3 * _HOUR),
    "device_temperature_beside_twins": _limit(15, None, 10, 2 * _HOUR),
    "battery_temperature_beside_twins": _limit(15, None, 10, 2 * _HOUR),
}
"""The shipped limit of every name that has one; the rules read them, districts override them."""

RADIO_LIMITS: dict[str, Limit] = {
    # A mobile network in rain or at the evening's peak loses one or two in a hundred when all is well [ours].
    "icmp_loss_ratio": _limit(0.03, 0.3, 0.015),
}
"""Shipped limits of what is seen over a mobile network, whatever its class."""

CLASS_LIMITS: dict[DeviceClass, dict[str, Limit]] = {
    DeviceClass.VC_ENDPOINT: {
        # ITU-T G.1010 bounds the loss of a video call at 1 % [standard]; beyond it one sees blocks.
        "icmp_loss_ratio": _limit(0.01, 0.1, 0.005),
        "icmp_jitter_seconds": _limit(0.03, 0.1, 0.02, 120),
    },
    DeviceClass.LTE_CPE: RADIO_LIMITS,
    # Rectifiers stand in closed cabinets in the sun and are built for it [ours].
    DeviceClass.POWER_SYSTEM: {
        "device_temperature_celsius": _limit(60, 75, 55, 300),
        "battery_temperature_celsius": _limit(47, 57, 43, 300),
    },
    # The OLT's receivers are graded one dB better, its lasers send at least +1.5 dBm, an ONU's +0.5 dBm
    # (G.984.2 class B+) [standard].
    DeviceClass.FIBER_OLT: {
        "optical_receive_power_dbm": _limit(-27, -28.5, -26.5, 120, "below"),
        "optical_transmit_power_dbm": _limit(0, -3, 1, 300, "below"),
        "optical_drift": _limit(-28.5, for_seconds=30 * _DAY, direction="below"),
        "laser_wear": _limit(1.5, for_seconds=30 * _DAY, direction="below"),
    },
    DeviceClass.FIBER_ONU: {
        "optical_transmit_power_dbm": _limit(-1, -4, 0, 300, "below"),
        "laser_wear": _limit(0.5, for_seconds=30 * _DAY, direction="below"),
    },
}
"""Shipped limits that fit a class better, over `DEFAULT_LIMITS`."""


class LimitScope(StrictModel):
    """For whom an expectation holds: one class, site or device; none of them: the whole district."""

    class_: DeviceClass | None = Field(
        default=None, validation_alias="class", serialization_alias="class"
    )
    site: Slug | None = None
    device: Slug | None = None

    @property
    def rank(self) -> int:
        """How narrow it is: 0 district, 1 class, 2 site, 3 device. A narrower one goes over a wider one."""
        return 3 if self.device else 2 if self.site else 1 if self.class_ else 0

    def holds(self, device_id: str, site: str, class_: str) -> bool:
        """Whether it speaks of this device."""
        if self.device or self.site:
            return self.device == device_id if self.device else self.site == site
        return self.class_ is None or self.class_ == class_

    @model_validator(mode="before")
    @classmethod
    def _district_in_words(cls, data: Any) -> Any:
        return {} if data in ("district", None) else data

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(part is not None for part in (self.class_, self.site, self.device)) > 1:
            raise expected("expected only one of class, site and device")
        return self


def _name_the_limits(schema: dict[str, Any]) -> None:
    """Lets editors complete the names, and mark the unknown ones."""
    limit = schema["additionalProperties"]
    schema["properties"].update((name, limit) for name in LIMIT_NAMES)
    schema["additionalProperties"] = False


class Expectation(StrictModel):
    """Limits for one scope, written beside `for:` by name. What a limit leaves out is inherited."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_name_the_limits)
    __pydantic_extra__: dict[str, Limit] = Field(init=False)

    for_: LimitScope = Field(
        default=LimitScope(), validation_alias="for", serialization_alias="for"
    )

    @classmethod
    def known_keys(cls) -> Collection[str]:
        """`for` and every name that may bear a limit."""
        return ("for", *LIMIT_NAMES)

    @property
    def limits(self) -> dict[str, Limit]:
        """The limits by name, in the order of the file."""
        return dict(self.__pydantic_extra__)


def disorders(
    expectation: Expectation, others: Collection[Expectation]
) -> Iterator[tuple[str, str]]:
    """The limits of an expectation whose levels contradict what they inherit: name, and in which way."""
    scope = expectation.for_
    wider = [other for other in others if other.for_.rank < scope.rank]
    class_ = scope.class_.value if scope.class_ else ""
    for name in expectation.limits:
        limit = resolve_limit(
            name, [*wider, expectation], scope.device or "", scope.site or "", class_
        )
        disorder = limit.disorder() if limit is not None else ""
        if disorder:
            yield name, disorder


def resolve_limit(
    name: str,
    expectations: Collection[Expectation],
    device_id: str,
    site: str,
    class_: str,
    over_radio: bool = False,
) -> Limit | None:
    """The limit that holds for a device: shipped < district < class < site < device, key by key; later
    expectations of the same rank go over earlier ones. over_radio: it is seen over a mobile network.
    None where nobody has set one.
    """
    limit = DEFAULT_LIMITS.get(name)
    shipped = CLASS_LIMITS.get(DeviceClass(class_)) if class_ in set(DeviceClass) else None
    if shipped and name in shipped:
        limit = shipped[name]
    if over_radio:
        limit = RADIO_LIMITS.get(name, limit)
    fitting = [e for e in expectations if e.for_.holds(device_id, site, class_)]
    for expectation in sorted(fitting, key=lambda e: e.for_.rank):
        own = expectation.limits.get(name)
        if own is not None:
            limit = own.over(limit)
    return limit
