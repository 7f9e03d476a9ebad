"""A port receives or sends broken frames: cable, connector, transceiver or duplex."""

from __future__ import annotations

from dataclasses import replace

from collector.share_rule import ShareRule
from collector.words import N_
from telemetry.catalogue import (
    INTERFACE_FCS_ERRORS,
    INTERFACE_RECEIVE_ERRORS,
    INTERFACE_RECEIVE_PACKETS,
    INTERFACE_TRANSMIT_ERRORS,
    INTERFACE_TRANSMIT_PACKETS,
)

RECEIVED = ShareRule(
    name="interface_errors",
    metric=INTERFACE_RECEIVE_ERRORS.name,
    whole=INTERFACE_RECEIVE_PACKETS.name,
    limit="interface_errors_ratio",
    window_seconds=300.0,
    headline=N_("{name} has a port with transmission errors"),
    template=N_("{value} of the frames received on port {instance} are broken (limit {limit})."),
    advice=N_("Replace the cable on that port, then try another port."),
)

CHECKSUMS = replace(RECEIVED, metric=INTERFACE_FCS_ERRORS.name)

SENT = replace(
    RECEIVED,
    metric=INTERFACE_TRANSMIT_ERRORS.name,
    whole=INTERFACE_TRANSMIT_PACKETS.name,
    template=N_("{value} of the frames sent on port {instance} fail (limit {limit})."),
)
