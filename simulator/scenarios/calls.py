"""What video-conference endpoints tell of themselves, and the path measured between agents."""

from __future__ import annotations

from simulator.scenarios.agent import Agent
from simulator.scenarios.box import Box
from simulator.scenarios.instrument import Identity, Instrument, series_of
from simulator.scenarios.poll import Put
from simulator.scenarios.rhythm import DAY, HOUR
from simulator.scenarios.seeds import START
from simulator.scenarios.way import Way
from telemetry import catalogue
from telemetry.sample import SeriesPoints

MEETINGS = ((0, 8.0), (2, 14.0), (4, 8.0))
"""Weekday and local hour at which the district meets; two hours each, all rooms."""
MEETING_HOURS = 2.0
DIRECTIONS = ("receive", "transmit")
PATH_PACKETS = 100


def in_meeting(t: float) -> bool:
    """Whether the district is in a meeting."""
    since = max(0.0, t - START)
    weekday, hour = int(since // DAY) % 7, since % DAY / HOUR
    return any(
        weekday == day and begins <= hour < begins + MEETING_HOURS for day, begins in MEETINGS
    )


class RoomEndpoint:
    """Registration, peripherals, and the quality of the call while there is one."""

    def __init__(self, box: Box, way: Way, identity: Identity) -> None:
        if box.room is None:
            raise ValueError(f"{box.id} is no room")
        self._box, self._room, self._way = box, box.room, way
        self._registered = series_of(catalogue.CONFERENCE_REGISTERED, identity)
        self._active = series_of(catalogue.CONFERENCE_CALL_ACTIVE, identity)
        self._latency = series_of(catalogue.CONFERENCE_CALL_LATENCY, identity)
        self._loss, self._swing = (
            [series_of(metric, identity, direction=way, media="video") for way in DIRECTIONS]
            for metric in (catalogue.CONFERENCE_CALL_LOSS, catalogue.CONFERENCE_CALL_JITTER)
        )
        self._peripherals = {
            name: series_of(catalogue.CONFERENCE_PERIPHERAL_OK, identity, peripheral=name)
            for name in box.room.peripherals
        }

    def __call__(self, t: float, put: Put) -> None:
        """Reads it."""
        room = self._room
        put(self._registered, float(room.registered))
        for name, series in self._peripherals.items():
            put(series, float(room.peripherals[name]))
        passage = self._way.passage(t) if room.registered and in_meeting(t) else None
        put(self._active, float(passage is not None))
        if passage is None:
            return
        draw = self._box.chance
        put(self._latency, round(passage.delay + 0.004 * draw.random(), 3))
        for loss, swing in zip(self._loss, self._swing, strict=True):
            lost = passage.loss + room.call_loss * (0.6 + 0.8 * draw.random())
            lost += 0.0004 * draw.expovariate(1.0)
            put(loss, round(min(1.0, lost), 3))
            swung = 0.002 + 1.2 * passage.jitter + room.call_swing * (0.7 + 0.6 * draw.random())
            put(swing, round(swung * (0.8 + 0.4 * draw.random()), 3))


class Path(Instrument):
    """A STAMP burst from an agent to a reflector at the centre."""

    def __init__(self, agent: Agent, way: Way, interval: float, identity: Identity) -> None:
        super().__init__(agent, way.end.id, "path", interval, identity)
        self._way = way
        peer = way.end.id
        self._loss = [
            series_of(catalogue.PATH_LOSS_RATIO, identity, peer=peer, direction=direction)
            for direction in ("both", *DIRECTIONS)
        ]
        self._variation = [
            series_of(catalogue.PATH_DELAY_VARIATION_P90, identity, peer=peer, direction=direction)
            for direction in DIRECTIONS
        ]
        self._round_trip = series_of(catalogue.PATH_ROUND_TRIP_MEDIAN, identity, peer=peer)
        self._grade = series_of(catalogue.PATH_GRADE, identity, peer=peer)

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One burst of a hundred packets."""
        passage = self._way.passage(t)
        if passage is None:
            self._failed(stamp, 4.0, "timeout")
            return None
        self._answered(stamp, 2.0 + passage.delay)
        draw, rows = self.chance, self.agent.rows
        lost = [self._lost(passage.loss / 2), self._lost(passage.loss / 2)]
        shares = [min(1.0, sum(lost)), *lost]
        rows.extend(SeriesPoints(s, stamp, (v,)) for s, v in zip(self._loss, shares, strict=True))
        swing = 0.0002 + 1.4 * passage.jitter
        for series in self._variation:
            rows.append(SeriesPoints(series, stamp, (swing * (0.7 + 0.6 * draw.random()),)))
        middle = passage.delay * (1.0 + 0.04 * draw.gauss(0.0, 1.0))
        rows.append(SeriesPoints(self._round_trip, stamp, (middle,)))
        bad = 40.0 * shares[0] + swing / 0.03 + middle / 0.4
        rows.append(SeriesPoints(self._grade, stamp, (max(1.0, round(5.0 - bad, 1)),)))
        return None

    def _lost(self, loss: float) -> float:
        if loss < 1e-4 and self.chance.random() > PATH_PACKETS * loss:
            return 0.0
        draw = self.chance.random
        return sum(draw() < loss for _ in range(PATH_PACKETS)) / PATH_PACKETS
