"""Packets are lost on the way to the target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf, log
from typing import NamedTuple

from collector.fact import Fact
from collector.figures import percent
from collector.rule import FINE, Condition, Reading, Rule, compare, is_told
from collector.state import TargetState
from collector.words import N_
from inventory.expectation import Limit
from telemetry.catalogue import ICMP_LOSS_RATIO

MIN_LOSSY_BURSTS = 3
"""A lone bad burst is weather; a worn cable or a full line loses packets again and again."""

LATEST_BURSTS = 60

SUSPICIOUS_BURSTS = 2
"""From so many on it may be; what lies behind waits with its own word until it is known."""

MIN_BURST_PACKETS = 5
"""What a burst is taken to hold at least, where its ratios do not tell that it holds more."""

SURE = 14.0
"""The odds against chance, as a logarithm: one window in a million (Chernoff's bound of a Poisson
tail), or else a district of a thousand windows an hour is told of chance every week."""

PROVING_PACKETS = 2
PROVING_SHARE = 0.2
"""Of what one burst has lost so much counts as proof, whichever is more: packets of a burst are lost
together, and two bad moments within the hour prove nothing, however bad they were."""

SURELY_OVER = 7.0
"""So many packets that should have been lost by now were not: it is over (e^-7 is one in a thousand)."""

_Bursts = Sequence[tuple[float, float]]


class Loss(Rule):
    """Mean loss over the shortest time that proves it: one burst of ten packets is too coarse.

    Gross loss is sure after three bursts, two percent after two hours. Bursts that lost everything
    are left to reachability. Over when so many packets have come through as the loss would hardly
    have let.
    """

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Bad when some span of the last three hours proves a loss beyond the limit."""
        if fact.value == 0.0 and not self._stands(target):
            return FINE
        bursts = [burst for burst in fact.window if burst[1] < 1.0]
        packets = _packets_of(bursts)
        span = _lossy_span(bursts, packets, limit)
        if span is None:
            over = _is_over(bursts, packets, limit)
            return self.condition(Reading.FINE if over else Reading.BETWEEN, fact, 0.0)
        return self.condition(
            compare(span.mean, limit),
            fact,
            for_seconds=0.0 if span.sure else inf,
            began=span.since,
            value=span.mean,
            limit=limit.degraded or 0.0,
        )

    def _stands(self, target: TargetState) -> bool:
        return any(standing.rule == self.name for standing in target.standings.values())


class _Span(NamedTuple):
    """A time since `since` in which too many packets were lost, by their mean; surely, or by chance."""

    since: float
    mean: float
    sure: bool


def mean_loss(fact: Fact) -> float:
    """The mean loss of the latest bursts, without those that lost everything; 0 where no more than
    weather was lost.
    """
    ratios = [ratio for _, ratio in fact.window[-LATEST_BURSTS:] if ratio < 1.0]
    if sum(ratio > 0.0 for ratio in ratios) < MIN_LOSSY_BURSTS:
        return 0.0
    return sum(ratios) / len(ratios)


def _packets_of(bursts: _Bursts) -> int:
    """How many packets a burst holds: one of ten lost is the ratio 0.1. Too few rather than too many."""
    least = min((ratio for _, ratio in bursts if ratio > 0.0), default=1.0)
    return max(MIN_BURST_PACKETS, round(1.0 / least))


def _lossy_span(bursts: _Bursts, packets: int, limit: Limit) -> _Span | None:
    """The shortest time until now in which the loss is beyond the limit, and surely not by chance; or
    else one in which it may be; None when there is none.
    """
    usual = 0.5 * (limit.clear if limit.clear is not None else limit.degraded or 0.0)
    at_most = max(PROVING_PACKETS, PROVING_SHARE * packets)
    lossy = [(place, at, ratio) for place, (at, ratio) in enumerate(bursts) if ratio > 0.0]
    upto = list(accumulate(ratio for _, _, ratio in lossy))
    lost, proven = 0.0, 0.0
    doubtful = None
    after = len(bursts)
    for found, ((place, at, ratio), sum_upto) in enumerate(
        zip(reversed(lossy), reversed(upto), strict=True), 1
    ):
        clean = after - place - 1
        if clean * packets * sum_upto / (place + 1 - lossy[0][0]) >= SURELY_OVER:
            break  # what was before so long a clean time is another story
        after = place
        lost += ratio * packets
        proven += min(ratio * packets, at_most)
        count = len(bursts) - place
        mean = lost / (count * packets)
        if found < SUSPICIOUS_BURSTS or not is_told(compare(mean, limit)):
            continue
        by_chance = usual * count * packets
        sure = proven > by_chance and proven * log(proven / by_chance) - proven + by_chance >= SURE
        if sure and found >= MIN_LOSSY_BURSTS:
            return _Span(at, mean, sure=True)
        doubtful = _Span(at, mean, sure=False)
    return doubtful


def _rate(bursts: _Bursts) -> float:
    """The mean loss between the first and the last burst that lost something; 0 where none did."""
    lossy = [place for place, (_, ratio) in enumerate(bursts) if ratio > 0.0]
    if not lossy:
        return 0.0
    return sum(ratio for _, ratio in bursts) / (lossy[-1] + 1 - lossy[0])


def _is_over(bursts: _Bursts, packets: int, limit: Limit) -> bool:
    """Whether the latest bursts are so clean, for so long, as they would not be if it went on."""
    ratios = [ratio for _, ratio in bursts]
    rate = _rate(bursts)
    if rate <= 0.0:
        return bool(ratios)
    rate = max(rate, limit.degraded or 0.0)
    lost = 0.0
    for count, ratio in enumerate(reversed(ratios), 1):
        lost += ratio
        if count * packets * rate >= SURELY_OVER:
            return compare(lost / count, limit) is Reading.FINE
    return compare(lost / len(ratios), limit) is Reading.FINE


RULE = Loss(
    name="loss",
    metric=ICMP_LOSS_RATIO.name,
    window_seconds=10800.0,
    headline=N_("{name} loses packets"),
    template=N_("{value} of the packets sent to it are lost; at most {limit} is normal."),
    advice=N_("Reseat the network cable at both ends; try another cable and another port."),
    figure=percent,
    path=True,
)
