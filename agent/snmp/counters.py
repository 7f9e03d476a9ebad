"""Counters of devices, made into totals that only ever grow.

What is exported is a total that starts at the device's own figure and then grows by what really
happened, as long as this process lives; the raw figure is not exported afterwards. The reason: a
reader of raw counters (Prometheus' `rate` does it so) takes every fall for a restart at zero, which is
wrong for a 32-bit counter that wraps, and it cannot see the evidence that only the poller has (uptime,
ifCounterDiscontinuityTime, the speed of the line). After a restart of the agent the total starts at
the device's figure again, which a reader sees as one more counter reset.

In doubt a total grows too little, never too much: a gap is a pity, a spike is a false alarm.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

GRACE_SECONDS = 60.0
"""Agents refresh their counters every few seconds to a minute: a poll may see traffic older than the
poll before it."""

MAX_WRAP_STEP = 1 << 31
"""A 32-bit counter that fell is only taken for wrapped when the step is smaller than this."""

FORGET_AFTER_SECONDS = 86_400.0
"""A counter that was not seen for so long is dropped; it is looked for this often:"""
SWEEP_SECONDS = 3600.0


@dataclass(slots=True)
class _Track:
    """raw: the last figure that was believed, of time `at`; held: one that was not, yet."""

    raw: int
    at: float
    total: int
    bits: int
    round: int
    held: tuple[int, float] | None = None


class Totals:
    """The totals of one device, by any key. Not shared between devices."""

    def __init__(self) -> None:
        self._tracks: dict[Hashable, list[_Track | None]] = {}
        self._at = 0.0
        self._round = 0
        self._since_round = 0
        self._sweep_at = 0.0

    def begin(self, at: float, restarted: bool) -> None:
        """Opens the poll of time `at` (seconds on a clock that does not jump); `restarted`: there is
        evidence that the device, and so its counters, started anew since the poll before."""
        self._at = at
        self._round += 1
        if restarted:
            self._since_round = self._round
        if at >= self._sweep_at:
            self._sweep_at = at + SWEEP_SECONDS
            self._sweep(at - FORGET_AFTER_SECONDS)

    def _sweep(self, oldest: float) -> None:
        """Drops what was not seen since then."""
        old = [k for k, row in self._tracks.items() if all(t is None or t.at < oldest for t in row)]
        for key in old:
            del self._tracks[key]

    def total(
        self,
        key: Hashable,
        raw: int,
        bits: int,
        per_second: float = math.inf,
        restarted: bool = False,
    ) -> int:
        """The total after the reading `raw` of a counter of `bits` (32 or 64).

        per_second: the fastest that this counter can grow. restarted: evidence for this counter
        alone. Never less than the total before.
        """
        return self.sum(key, (raw,), bits, per_second, restarted)

    def sum(
        self,
        key: Hashable,
        raws: Sequence[int | None],
        bits: int,
        per_second: float = math.inf,
        restarted: bool = False,
    ) -> int:
        """The total of several counters of one thing, such as unicast and multicast packets.

        A part that is missing keeps its last total; one that turns up late starts at zero.
        """
        tracks = self._tracks.get(key)
        if tracks is None:
            tracks = self._tracks[key] = [None] * len(raws)
        began = any(tracks)
        at, sum_ = self._at, 0
        for part, raw in enumerate(raws):
            track = tracks[part]
            if raw is None:
                sum_ += track.total if track is not None else 0
                continue
            if track is None:
                track = tracks[part] = _Track(raw, at, 0 if began else raw, bits, self._round)
            # As in _most; written out, because it is asked for every counter of every port.
            elif bits == track.bits and 0 <= raw - track.raw <= 1.1 * per_second * (
                at - track.at + GRACE_SECONDS
            ):
                track.total += raw - track.raw
                track.raw, track.at, track.round, track.held = raw, at, self._round, None
            else:
                self._odd(track, raw, bits, per_second, restarted)
            sum_ += track.total
        return sum_

    def _odd(self, track: _Track, raw: int, bits: int, per_second: float, restarted: bool) -> None:
        """Takes a reading that fell, or jumped, or came from a counter of another width."""
        anew = restarted or track.round < self._since_round
        step = self._step(track, raw, per_second, anew) if bits == track.bits else 0
        if step is None:
            track.held = (raw, self._at)
            return
        track.raw, track.at, track.bits, track.round = raw, self._at, bits, self._round
        track.held = None
        track.total += step

    def _step(self, track: _Track, raw: int, per_second: float, anew: bool) -> int | None:
        """How much was surely counted since the reading that was believed last.

        0 for a counter that fell without having wrapped: it began again. None for a jump that the
        line cannot carry: one garbled answer, unless the next reading stands beside it; the jump
        itself is left out even then.
        """
        step = raw - track.raw
        if step < 0:
            step = 0 if anew or track.bits != 32 else step + (1 << 32)
            possible = 0 <= step < min(MAX_WRAP_STEP, _most(per_second, self._at - track.at))
            return step if possible else 0
        if step <= _most(per_second, self._at - track.at):
            return step
        if track.held is None:
            return None
        held, at = track.held
        beside = raw - held
        return beside if 0 <= beside <= _most(per_second, self._at - at) else None


def _most(per_second: float, seconds: float) -> float:
    return 1.1 * per_second * (seconds + GRACE_SECONDS)
