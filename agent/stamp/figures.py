"""What a burst of test packets says about the path: loss, delay variation, round trip, grade.

Pure arithmetic. Directions are seen from the agent that measures: `sent` is from it to the peer,
`received` from the peer to it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

FIRST_SEQUENCE = 1
"""The number of a burst's first packet: number 0 is never sent.

RFC 8762 lets a stateless reflector repeat the sender's number while a stateful one counts its own
from 0, and no packet says which it is. With number 0 missing, as if the path had lost it, every
single reply tells: only a stateless reflector can repeat the number.
"""

SURE_SHARE = 0.1
"""Of a burst's packets, so many may have an unknown fate before loss is not split into directions."""


@dataclass(frozen=True, slots=True)
class Echo:
    """One packet that came back. Times are nanoseconds since 1970, each by its own side's clock.

    sequence: ours, from `FIRST_SEQUENCE`; reflected: the reflector's own.
    sent, returned: our clock; arrived, left: the reflector's.
    """

    sequence: int
    reflected: int
    sent: int
    arrived: int
    left: int
    returned: int


@dataclass(frozen=True, slots=True)
class Variation:
    """Packet delay variation (RFC 5481, 4.2) in seconds: one-way delays less the smallest of them.

    The offset between two clocks is in every delay and goes with the smallest.
    """

    p50: float
    p90: float
    p99: float


@dataclass(frozen=True)
class Figures:
    """The figures of one burst. `sent`: packets sent; `echoes`: what came back, in order of coming.

    A figure that nothing supports is None.
    """

    sent: int
    echoes: Sequence[Echo]

    @cached_property
    def unique(self) -> list[Echo]:
        """The first echo of each packet; copies made on the way are left out."""
        first: dict[int, Echo] = {}
        for echo in self.echoes:
            first.setdefault(echo.sequence, echo)
        return list(first.values())

    @property
    def duplicates(self) -> int:
        """How many echoes were copies."""
        return len(self.echoes) - len(self.unique)

    @property
    def loss(self) -> float:
        """Share of the packets that did not come back, on whichever way they were lost."""
        return 1.0 - len(self.unique) / self.sent if self.sent else 1.0

    @cached_property
    def _pairs(self) -> set[tuple[int, int]]:
        """Ours and the reflector's numbers; copies made on the way back fall together."""
        return {(echo.sequence, echo.reflected) for echo in self.echoes}

    @cached_property
    def stateful(self) -> bool:
        """Whether the reflector's numbers are its own count, so that they tell the directions apart.

        A count never repeats; where it does, the reflector began anew within the burst.
        """
        own_count = any(reflected != sequence for sequence, reflected in self._pairs)
        return own_count and len({number for _, number in self._pairs}) == len(self._pairs)

    @property
    def loss_by_direction(self) -> tuple[float, float] | None:
        """Share lost from us to the peer, and of what arrived there, from the peer to us.

        Told by the newest reply: the peer's count says how many had reached it by then. What was
        sent after it has an unknown fate and is left out; None where that is too much of the burst,
        or where the reflector does not count.
        """
        if not self.stateful:
            return None
        newest = max(echo.sequence for echo in self.echoes)
        known = newest - FIRST_SEQUENCE + 1
        if self.sent - known > SURE_SHARE * self.sent:
            return None
        reflected = max(echo.reflected for echo in self.echoes) + 1
        # A copy made on the way there was counted by the reflector, but is no further packet.
        copies = len(self._pairs) - len(self.unique)
        reached = min(known, reflected - copies)
        back = len(self.unique)
        return (
            max(0.0, 1 - reached / known),
            max(0.0, 1 - back / max(reached, back)),
        )

    @property
    def variation_sent(self) -> Variation | None:
        """Delay variation from us to the peer."""
        return variation(echo.arrived - echo.sent for echo in self.unique)

    @property
    def variation_received(self) -> Variation | None:
        """Delay variation from the peer to us."""
        return variation(echo.returned - echo.left for echo in self.unique)

    @property
    def round_trip(self) -> float | None:
        """Median round trip in seconds without the time spent inside the reflector."""
        trips = [(e.returned - e.sent) - (e.left - e.arrived) for e in self.unique]
        return max(0.0, statistics.median(trips) / 1e9) if trips else None

    @property
    def reordered(self) -> int:
        """Packets that came back after one that was sent later (RFC 4737, 3.3)."""
        count, newest = 0, -1
        for echo in self.unique:
            count += echo.sequence < newest
            newest = max(newest, echo.sequence)
        return count

    @property
    def grade(self) -> float | None:
        """What a call would be like, 1 (bad) to 4.4 (the best that a telephone gives); see `grade`.

        Of the worse direction: half the round trip and a jitter buffer that holds 99 % of the
        packets make the delay. Where loss is not known by direction all of it counts for one.
        """
        trip, ways = self.round_trip, (self.variation_sent, self.variation_received)
        if trip is None:
            return None
        buffer = max(way.p99 for way in ways if way is not None)
        split = self.loss_by_direction
        return grade(trip / 2 + buffer, max(split) if split is not None else self.loss)


def variation(delays: Iterable[int]) -> Variation | None:
    """The variation of one-way delays in nanoseconds between two clocks; None when there are none."""
    ordered = sorted(delays)
    if not ordered:
        return None
    p50, p90, p99 = (
        (nearest_rank(ordered, share) - ordered[0]) / 1e9 for share in (0.5, 0.9, 0.99)
    )
    return Variation(p50, p90, p99)


def nearest_rank(ordered: Sequence[int], share: float) -> int:
    """The percentile by nearest rank: a value that was really measured."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


FRAME_SECONDS = 0.020
"""A call's packet holds 20 ms of sound, which must be spoken before it can leave."""

LOSS_ROBUSTNESS = 4.3
"""Bpl of G.711 without concealment of losses (ITU-T G.113 Appendix I): a picture has none either."""


def grade(delay: float, loss: float) -> float:
    """The mean opinion score that a path allows, by the E-model (ITU-T G.107) simplified.

    delay: one way through network and jitter buffer, seconds. loss: share of packets, 0 to 1.
    With every default of G.107 the rating is R = 93.2 - Id - Ie,eff:
    Id = 0.024 d + 0.11 (d - 177.3) [d > 177.3], d in ms from mouth to ear (R. Cole, J. Rosenbluth,
    "Voice over IP performance monitoring", ACM CCR 31(2), 2001);
    Ie,eff = Ie + (95 - Ie) Ppl / (Ppl + Bpl), Ppl in percent, losses at random (G.107, 7.5), with
    Ie = 0 and Bpl = 4.3 of G.711.
    """
    milliseconds = 1000 * (delay + FRAME_SECONDS)
    late = max(0.0, milliseconds - 177.3)
    percent = 100 * loss
    rating = 93.2 - (0.024 * milliseconds + 0.11 * late)
    return opinion(rating - 95 * percent / (percent + LOSS_ROBUSTNESS))


def opinion(rating: float) -> float:
    """R as a mean opinion score (ITU-T G.107, Annex B): 1 to 4.5.

    Between 0 and 6.5 the polynomial dips below 1, which no opinion can.
    """
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
    return max(1.0, score)
