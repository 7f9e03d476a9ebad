"""Measuring computers with a wrong clock: said, put right, and no harm done."""

from __future__ import annotations

import pytest

from collector.ingest_limits import IngestLimits
from collector.journal import EntryKind
from collector.rule import Severity
from collector.state import HealthState
from collector.untimely import Untimely
from telemetry.sample import Sample
from tests.collector.engine.courier import HOUR, OWN, Courier, two_agents
from tests.collector.engine.timetable import START, named


class WrongClock(Courier):
    """Delivers what the commune's agent has measured with times that are off by some seconds."""

    off = 0.0

    def deliver(self, agent: str, at: float, at_most: int = 10_000) -> bool:
        """As the agent does, on whose clock it is `off` seconds later than it really is."""
        waiting = self._by_agent[agent]
        ready = [s for s in waiting[:at_most] if s.timestamp_ms <= (START + at) * 1000]
        if not ready or agent != "bac-binh" or not self.off:
            return super().deliver(agent, at, at_most)
        del waiting[: len(ready)]
        limits = IngestLimits()
        if not -limits.retention_seconds < self.off < limits.future_seconds:
            newest = ready[-1].timestamp_ms / 1000.0 + self.off
            self.apply(at, EntryKind.CLOCK, agent, Untimely("bac-binh", newest).payload())
            return True
        moved = [Sample(s.series, s.timestamp_ms + round(self.off * 1000), s.value) for s in ready]
        self.push(agent, at, moved)
        return True


@pytest.mark.parametrize(("off", "word"), [(-400.0, "slow"), (400.0, "fast")])
def test_wrong_clock(off: float, word: str) -> None:
    """It is told with its size; what dies meanwhile is told at its true time, and at once."""
    courier = WrongClock(two_agents().fail("bac-binh-switch", 2400.0), 2 * HOUR)
    courier.off = off
    courier.live(0.0, HOUR, ("centre", "bac-binh"))
    clock, switch = (e.incident for e in named(courier.events, "incident_opened"))
    assert (clock.cause, clock.rule) == ("agent:bac-binh", "agent_clock")
    assert word in clock.reason.template
    assert float(clock.reason.values["seconds"]) == pytest.approx(400.0, abs=15.0)
    assert switch.cause == "device:bac-binh-switch"
    assert switch.since == pytest.approx(START + 2400.0, abs=45.0)
    assert not switch.late
    for name in OWN[:2]:
        assert courier.engine.view.health_of(name).state is HealthState.UP


def test_clock_is_set_right() -> None:
    """Once the clock is right, the finding is over and nothing else was ever said."""
    courier = WrongClock(two_agents(), 2 * HOUR)
    courier.off = -300.0
    courier.live(0.0, 1200.0, ("centre", "bac-binh"))
    courier.off = 0.0
    courier.live(1200.0, 3000.0, ("centre", "bac-binh"))
    assert [e.incident.rule for e in named(courier.events, "incident_opened")] == ["agent_clock"]
    assert len(named(courier.events, "incident_resolved")) == 1
    assert courier.engine.view.health_of("bac-binh-room").state is HealthState.UP


def test_backlog_is_no_wrong_clock() -> None:
    """An office that catches up slowly has a right clock all the same."""
    courier = Courier(two_agents(), 2 * HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, HOUR, ("centre",))
    at = HOUR
    while courier.deliver("bac-binh", at, at_most=12):
        at += 5.0
        courier.deliver("centre", at)
    assert at > HOUR + 300.0
    rules = {e.incident.rule for e in named(courier.events, "incident_opened")}
    assert rules == {"agent_silent"}


DAY = 86400.0


@pytest.mark.parametrize(
    ("off", "size", "within"),
    [
        (1200.0, {"minutes": "20"}, 60.0),
        (49.0 * 365 * DAY, {"days": "17885"}, 60.0),
        (-15.0 * 365 * DAY, {"days": "5475"}, 330.0),
    ],
)
def test_clock_far_off(off: float, size: dict[str, str], within: float) -> None:
    """Nothing of it can be taken: told as its clock, at once or when it cannot be an old backlog; what only
    it sees is not measured, and it is not called silent.
    """
    courier = WrongClock(two_agents().fail("bac-binh-room", 2000.0, 2400.0), 2 * HOUR)
    courier.live(0.0, 1200.0, ("centre", "bac-binh"))
    courier.off = off
    courier.live(1200.0, 3000.0, ("centre", "bac-binh"))
    (event,) = named(courier.events, "incident_opened")
    incident = event.incident
    assert (incident.rule, incident.cause) == ("agent_clock", "agent:bac-binh")
    assert incident.severity is Severity.CRITICAL
    assert event.at <= START + 1200.0 + within
    assert size.items() <= incident.reason.values.items()
    assert ("fast" if off > 0.0 else "slow") in incident.reason.template
    assert set(incident.affected) == set(OWN)
    for name in OWN:
        assert courier.engine.view.health_of(name).state is HealthState.NOT_MEASURED
    assert courier.engine.view.health_of("quang-son-room").state is HealthState.UP
    courier.off = 0.0
    courier.live(3000.0, 3600.0, ("centre", "bac-binh"))
    assert not courier.engine.view.open_incidents()
    assert courier.engine.view.health_of("bac-binh-room").state is HealthState.UP
    spent = courier.engine.view.seconds_in_states("bac-binh-room")
    assert spent["not_measured"] == pytest.approx(1800.0, abs=120.0)
    assert spent["down"] == 0.0


def test_clock_lost_with_the_power() -> None:
    """It falls silent, and comes back in 1970: first silent, then its clock, then well; one incident."""
    courier = WrongClock(two_agents(offline={"bac-binh": [(600.0, 1500.0)]}), 2 * HOUR)
    courier.live(0.0, 1490.0, ("centre", "bac-binh"))
    assert [i.rule for i in courier.engine.view.open_incidents()] == ["agent_silent"]
    courier.off = -START
    courier.live(1490.0, 2400.0, ("centre", "bac-binh"))
    assert [i.rule for i in courier.engine.view.open_incidents()] == ["agent_clock"]
    courier.off = 0.0
    courier.live(2400.0, 3600.0, ("centre", "bac-binh"))
    assert not courier.engine.view.open_incidents()
    assert len({e.incident.id for e in courier.events if e.incident}) == 1


def test_one_slip_is_no_wrong_clock() -> None:
    """A single push from the future is counted and forgotten."""
    courier = WrongClock(two_agents(), HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.off = 5000.0
    courier.live(600.0, 615.0, ("centre", "bac-binh"))
    courier.off = 0.0
    courier.live(615.0, 1200.0, ("centre", "bac-binh"))
    assert not courier.events
