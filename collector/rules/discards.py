"""A port throws good frames away: it, or what lies behind it, cannot take what it is sent."""

from __future__ import annotations

from dataclasses import replace

from collector.share_rule import ShareRule
from collector.words import N_
from telemetry.catalogue import (
    INTERFACE_RECEIVE_DISCARDS,
    INTERFACE_RECEIVE_PACKETS,
    INTERFACE_TRANSMIT_DISCARDS,
    INTERFACE_TRANSMIT_PACKETS,
)

RECEIVED = ShareRule(
    name="discards",
    metric=INTERFACE_RECEIVE_DISCARDS.name,
    whole=INTERFACE_RECEIVE_PACKETS.name,
    limit="interface_discards_ratio",
    window_seconds=900.0,
    headline=N_("{name} has a port that throws data away"),
    template=N_("It throws away {value} of the frames that reach port {instance} (limit {limit})."),
    advice=N_(
        "See what sends so much through that port; a faster port or cable helps, or fewer devices on it."
    ),
)

SENT = replace(
    RECEIVED,
    metric=INTERFACE_TRANSMIT_DISCARDS.name,
    whole=INTERFACE_TRANSMIT_PACKETS.name,
    template=N_(
        "It throws away {value} of the frames that should leave by port {instance} (limit {limit})."
    ),
)
