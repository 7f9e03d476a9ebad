"""Checkmk's defaults for network gear: cmk/plugins/lib/interfaces.py, and its host check by PING.

Interfaces must keep the state and the speed in which they were discovered; broken packets warn at
0.01 %. Ping warns at 200 ms and 80 %, and a host that answers nothing is down.
"""

from __future__ import annotations

from benchmarks.peers.peer import Kind, Rule
from benchmarks.peers.watchers import Limit, differs, misses, share_of

_ERRORS = Limit(0.0001)

CHECKMK = Kind(
    "Checkmk",
    (
        Rule("Host down", ("check_up",), misses(1), (("check", ("icmp",)),)),
        Rule("PING packet loss", ("icmp_loss_ratio",), Limit(0.8)),
        Rule("PING round trip", ("icmp_rtt_median_seconds",), Limit(0.2)),
        Rule("Check_MK", ("check_up",), misses(1), (("check", ("snmp",)),)),
        Rule("Interface state", ("interface_up",), differs()),
        Rule("Interface speed", ("interface_speed_bits_per_second",), differs()),
        Rule(
            "Interface receive errors",
            ("interface_receive_packets_total", "interface_receive_errors_total"),
            share_of(
                ("interface_receive_errors_total",), "interface_receive_packets_total", _ERRORS
            ),
        ),
        Rule(
            "Interface transmit errors",
            ("interface_transmit_packets_total", "interface_transmit_errors_total"),
            share_of(
                ("interface_transmit_errors_total",), "interface_transmit_packets_total", _ERRORS
            ),
        ),
    ),
)
