"""A port receives or sends broken frames: cable, connector, transceiver or duplex."""

from __future__ import annotations

from collector.share_rule import ShareRule
from collector.words import N_
from telemetry.catalogue import (
    INTERFACE_FCS_ERRORS,
    INTERFACE_RECEIVE_ERRORS,
    INTERFACE_RECEIVE_PACKETS,
    INTERFACE_TRANSMIT_ERRORS,
    INTERFACE_TRANSMIT_PACKETS,
)

_RECEIVED = N_("{value} of the frames received on port {instance} are broken (limit {limit}).")

RULE = ShareRule(
    name="interface_errors",
    limit="interface_errors_ratio",
    wholes={
        INTERFACE_RECEIVE_ERRORS.name: INTERFACE_RECEIVE_PACKETS.name,
        INTERFACE_FCS_ERRORS.name: INTERFACE_RECEIVE_PACKETS.name,
        INTERFACE_TRANSMIT_ERRORS.name: INTERFACE_TRANSMIT_PACKETS.name,
    },
    templates={
        INTERFACE_RECEIVE_ERRORS.name: _RECEIVED,
        INTERFACE_FCS_ERRORS.name: _RECEIVED,
        INTERFACE_TRANSMIT_ERRORS.name: N_(
            "{value} of the frames sent on port {instance} fail (limit {limit})."
        ),
    },
    headline=N_("{name} has a port with transmission errors"),
    advice=N_("Replace the cable on that port, then try another port."),
    window_seconds=300.0,
)
