"""A port throws good frames away: it, or what lies behind it, cannot take what it is sent."""

from __future__ import annotations

from collector.share_rule import ShareRule
from collector.words import N_
from telemetry.catalogue import (
    INTERFACE_RECEIVE_DISCARDS,
    INTERFACE_RECEIVE_PACKETS,
    INTERFACE_TRANSMIT_DISCARDS,
    INTERFACE_TRANSMIT_PACKETS,
)

RULE = ShareRule(
    name="discards",
    limit="interface_discards_ratio",
    wholes={
        INTERFACE_RECEIVE_DISCARDS.name: INTERFACE_RECEIVE_PACKETS.name,
        INTERFACE_TRANSMIT_DISCARDS.name: INTERFACE_TRANSMIT_PACKETS.name,
    },
    templates={
        INTERFACE_RECEIVE_DISCARDS.name: N_(
            "It throws away {value} of the frames that reach port {instance} (limit {limit})."
        ),
        INTERFACE_TRANSMIT_DISCARDS.name: N_(
            "It throws away {value} of the frames that should leave by port {instance} (limit {limit})."
        ),
    },
    headline=N_("{name} has a port that throws data away"),
    advice=N_(
        "See what sends so much through that port; a faster port or cable helps, or fewer devices on it."
    ),
    window_seconds=900.0,
)
