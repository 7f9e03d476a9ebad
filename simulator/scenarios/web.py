"""Services and the checks that ask them: pages, certificates, names."""

from __future__ import annotations

import random
from dataclasses import dataclass

from simulator.scenarios.agent import Agent
from simulator.scenarios.chance import Wander
from simulator.scenarios.instrument import Identity, Instrument, series_of
from simulator.scenarios.rhythm import office
from simulator.scenarios.way import Way
from telemetry import catalogue
from telemetry.sample import SeriesPoints

PHASES = (
    ("resolve", 0.02),
    ("connect", 0.06),
    ("tls", 0.15),
    ("processing", 0.7),
    ("transfer", 0.07),
)
PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class Offer:
    """A service as its server offers it. seconds: what a page takes in a quiet hour."""

    id: str
    chance: random.Random
    seconds: float
    noise: Wander
    not_after: float
    refused: bool = False
    status: int = 200
    content_ok: bool = True
    answer_ok: bool = True
    slow: float = 1.0

    def takes(self, t: float) -> float:
        """Seconds until the answer is complete."""
        usual = self.seconds * (1.0 + 0.8 * office(t)) * (1.0 + max(-0.6, self.noise.at(t)))
        return usual * self.slow * self.chance.lognormvariate(0.0, 0.15)


class Page(Instrument):
    """One GET."""

    def __init__(
        self, agent: Agent, way: Way, interval: float, identity: Identity, offer: Offer
    ) -> None:
        super().__init__(agent, offer.id, "http", interval, identity)
        self._way, self._offer = way, offer
        self._status = series_of(catalogue.HTTP_STATUS_CODE, identity)
        self._content = series_of(catalogue.HTTP_CONTENT_OK, identity)
        self._phases = [
            (series_of(catalogue.HTTP_RESPONSE, identity, phase=phase), share)
            for phase, share in PHASES
        ]

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One page."""
        offer, passage = self._offer, self._way.passage(t)
        if passage is None or offer.refused:
            self._failed(
                stamp, 0.01 if passage else PATIENCE_SECONDS, "refused" if passage else "timeout"
            )
            return None
        seconds = offer.takes(t) + 4 * passage.delay
        if seconds > PATIENCE_SECONDS:
            self._failed(stamp, PATIENCE_SECONDS, "timeout")
            return None
        if offer.status != 200:
            self._failed(stamp, seconds, "status")
        elif not offer.content_ok:
            self._failed(stamp, seconds, "content")
        else:
            self._answered(stamp, seconds)
        rows = self.agent.rows
        rows.append(SeriesPoints(self._status, stamp, (float(offer.status),)))
        if offer.status == 200:
            rows.append(SeriesPoints(self._content, stamp, (float(offer.content_ok),)))
        rows.extend(
            SeriesPoints(series, stamp, (share * seconds,)) for series, share in self._phases
        )
        return None


class Certificate(Instrument):
    """One TLS handshake."""

    def __init__(
        self, agent: Agent, way: Way, interval: float, identity: Identity, offer: Offer
    ) -> None:
        super().__init__(agent, offer.id, "tls", interval, identity)
        self._way, self._offer = way, offer
        self._not_after = series_of(catalogue.TLS_NOT_AFTER, identity)

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One handshake."""
        offer, passage = self._offer, self._way.passage(t)
        if passage is None or offer.refused:
            self._failed(
                stamp, 0.01 if passage else PATIENCE_SECONDS, "refused" if passage else "timeout"
            )
            return None
        self._answered(stamp, 0.03 + 3 * passage.delay)
        self.agent.rows.append(SeriesPoints(self._not_after, stamp, (offer.not_after,)))
        return None


class Lookup(Instrument):
    """One question to the name server."""

    def __init__(
        self, agent: Agent, way: Way, interval: float, identity: Identity, offer: Offer
    ) -> None:
        super().__init__(agent, offer.id, "dns", interval, identity)
        self._way, self._offer = way, offer
        self._ok = series_of(catalogue.DNS_ANSWER_OK, identity)
        self._seconds = series_of(catalogue.DNS_RESPONSE, identity)

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One question."""
        offer, passage = self._offer, self._way.passage(t)
        lost = passage is None or self.chance.random() < passage.loss**2
        if passage is None or lost or offer.refused:
            self._failed(stamp, 5.0, "timeout")
            return None
        seconds = 0.02 * offer.takes(t) + passage.delay
        if offer.answer_ok:
            self._answered(stamp, seconds)
        else:
            self._failed(stamp, seconds, "content")
        rows = self.agent.rows
        rows.append(SeriesPoints(self._ok, stamp, (float(offer.answer_ok),)))
        rows.append(SeriesPoints(self._seconds, stamp, (seconds,)))
        return None
