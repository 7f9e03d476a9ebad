"""A port receives or sends broken frames: cable, connector, transceiver or duplex."""

from __future__ import annotations

from collector.figures import percent
from collector.rule import UNSAID, Condition, Reading, compare, is_told
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import (
    INTERFACE_RECEIVE_ERRORS,
    INTERFACE_RECEIVE_PACKETS,
    INTERFACE_TRANSMIT_ERRORS,
    INTERFACE_TRANSMIT_PACKETS,
)

MIN_PACKETS = 200.0
"""On an idle port a single broken frame is a large share and means nothing."""

MIN_ERRORS = 5.0

_PACKETS = {
    INTERFACE_RECEIVE_ERRORS.name: INTERFACE_RECEIVE_PACKETS.name,
    INTERFACE_TRANSMIT_ERRORS.name: INTERFACE_TRANSMIT_PACKETS.name,
}


class InterfaceErrors:
    """Broken frames as a share of the frames of the same direction, over the window of the limit.

    The share, not the rate, tells a sick port from a busy one (Checkmk's default judges so too).
    """

    name = "interface_errors"
    limit = "interface_errors_ratio"
    metrics = (
        INTERFACE_RECEIVE_ERRORS.name,
        INTERFACE_TRANSMIT_ERRORS.name,
        INTERFACE_RECEIVE_PACKETS.name,
        INTERFACE_TRANSMIT_PACKETS.name,
    )
    window_seconds = 300.0
    path = False

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The share over the window; None while too few frames have passed to say anything."""
        packets_metric = _PACKETS.get(fact.metric)
        if packets_metric is None:
            return None
        packets = target.fact(packets_metric, fact.agent, fact.instance)
        span = min(limit.for_seconds, self.window_seconds)
        if packets is None or fact.span() < 0.75 * span:
            return None
        errors = fact.growth(span)
        total = errors + packets.growth(span)
        share = errors / total if total > 0.0 else 0.0
        reading = compare(share, limit)
        if reading in (Reading.BAD, Reading.CRITICAL) and (
            errors < MIN_ERRORS or total < MIN_PACKETS
        ):
            reading = Reading.BETWEEN
        if not is_told(reading):
            return Condition(reading, UNSAID, for_seconds=0.0)
        template = (
            N_("{value} of the frames received on port {instance} are broken (limit {limit}).")
            if fact.metric == INTERFACE_RECEIVE_ERRORS.name
            else N_("{value} of the frames sent on port {instance} fail (limit {limit}).")
        )
        values = {
            "value": percent(share),
            "limit": percent(limit.degraded or 0.0),
            "instance": fact.instance,
        }
        return Condition(reading, Sentence(template, values), for_seconds=0.0)


RULE = InterfaceErrors()
