"""Measuring computers with a wrong clock: said, put right, and no harm done."""

from __future__ import annotations

import pytest

from collector.state import HealthState
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
        assert courier.engine.health_of(name).state is HealthState.UP


def test_clock_is_set_right() -> None:
    """Once the clock is right, the finding is over and nothing else was ever said."""
    courier = WrongClock(two_agents(), 2 * HOUR)
    courier.off = -300.0
    courier.live(0.0, 1200.0, ("centre", "bac-binh"))
    courier.off = 0.0
    courier.live(1200.0, 3000.0, ("centre", "bac-binh"))
    assert [e.incident.rule for e in named(courier.events, "incident_opened")] == ["agent_clock"]
    assert len(named(courier.events, "incident_resolved")) == 1
    assert courier.engine.health_of("bac-binh-room").state is HealthState.UP


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
