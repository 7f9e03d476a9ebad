"""How an agent's machine and program ended tells why it was silent, and how sure that is."""

from __future__ import annotations

import pytest

from collector.incident import Incident
from collector.testimony import Sureness, how_sure
from tests.collector.engine.courier import HOUR, OWN, Courier, two_agents
from tests.collector.engine.test_inquiry import AGES, BACK, OUT, last, told
from tests.collector.engine.timetable import START, Timetable, named, run

CAME_ON = BACK - 40.0


@pytest.mark.parametrize(
    ("agree", "contradict", "sure"),
    [
        (0, 0, Sureness.PERHAPS),
        (1, 0, Sureness.PROBABLY),
        (2, 0, Sureness.ALMOST),
        (2, 1, Sureness.PERHAPS),
        (3, 1, Sureness.PROBABLY),
        (9, 2, Sureness.PROBABLY),
        (9, 3, Sureness.PERHAPS),
    ],
)
def test_how_sure(agree: int, contradict: int, sure: Sureness) -> None:
    """More who agree make surer, whoever contradicts makes less sure."""
    assert how_sure(agree, contradict) is sure


def dark(
    stopped: float | None, shut_down: float | None, restarts: tuple[str, ...], runs_on: bool = False
) -> Timetable:
    """The commune's computer is off for a while, or its program only; these devices start anew."""
    table = two_agents(offline={"bac-binh": [(OUT, BACK)]})
    boot = -AGES if runs_on else CAME_ON
    says = {
        "agent_boot_timestamp_seconds": lambda at: START + (boot if at > OUT else -AGES),
        "agent_start_timestamp_seconds": lambda at: (
            START + (BACK - 9.0 if at > OUT else -AGES + 9.0)
        ),
    }
    for name, value in (("stop", stopped), ("shutdown", shut_down)):
        if value is not None:
            says[f"agent_last_{name}_clean"] = lambda at, value=value: (  # type: ignore[misc]
                value if at > OUT else 1.0 - value
            )
    table.selves["bac-binh"] = says
    if restarts:
        for name in OWN:
            table.fail(name, OUT, BACK)
    return told(table, **dict.fromkeys(restarts, CAME_ON))


ALL = ("onu", "router", "switch", "room", "pc")


@pytest.mark.parametrize(
    ("shut_down", "restarts", "cause", "words"),
    [
        (0.0, ALL, "site:bac-binh", "without having been shut down: almost certainly the power"),
        (None, ALL, "site:bac-binh", "almost certainly the power was out"),
        (1.0, ALL, "site:bac-binh", "probably the power was out and its battery lasted"),
        (0.0, ALL[:4], "site:bac-binh", "probably the power was out"),
        (0.0, (), "agent:bac-binh", "almost certainly it lost its own power"),
        (1.0, (), "agent:bac-binh", "almost certainly somebody switched it off"),
        (None, (), "agent:bac-binh", "had been off: it started anew"),
        (0.0, ("pc",), "agent:bac-binh", "probably it lost its power"),
    ],
)
def test_machine_that_was_off(
    shut_down: float | None, restarts: tuple[str, ...], cause: str, words: str
) -> None:
    """Cut off together with others: the power. Shut down while others ran on: somebody did it."""
    table = dark(shut_down, shut_down, restarts)
    if restarts == ("pc",):
        table.dead.clear()  # only the computer beside it started anew
    incident = last(run(table, 2700.0)[1])
    assert incident.cause == cause
    assert words in incident.reason.template


@pytest.mark.parametrize(
    ("stopped", "words"),
    [(1.0, "stopped and started in order"), (0.0, "broke off"), (None, "had started anew")],
)
def test_program_that_was_off(stopped: float | None, words: str) -> None:
    """The machine ran on: an upgrade, or a crash, and never the power."""
    incident = last(run(dark(stopped, None, (), runs_on=True), 2700.0)[1])
    assert incident.cause == "agent:bac-binh"
    assert words in incident.reason.template


def test_old_word_is_not_taken_for_new() -> None:
    """After a cut the computer first sends what it had kept from before: only its word about the new start
    tells anything.
    """
    table = dark(0.0, 0.0, ())
    courier = Courier(table, HOUR)
    courier.live(0.0, OUT - 60.0, ("centre", "bac-binh"))
    courier.live(OUT - 60.0, BACK, ("centre",))
    assert [i.cause for i in courier.engine.view.open_incidents()] == ["agent:bac-binh"]
    while courier.deliver("bac-binh", BACK, at_most=20):
        courier.tick(BACK)
    courier.live(BACK, 2700.0, ("centre", "bac-binh"))
    incident = last(courier.events)
    assert incident.cause == "agent:bac-binh"
    assert "without being shut down" in incident.reason.template


def test_power_told_by_the_others_of_a_dead_router() -> None:
    """A router that the centre lost came back together with the office's computer, which says that it was
    cut off: both of them and one more make it the power.
    """
    table = Timetable(agents={"centre": tuple(d.id for d in Timetable().inventory.devices)})
    table.fail("bac-binh-router", OUT, BACK)
    told(table, router=CAME_ON, pc=CAME_ON)
    table.agents["bac-binh"] = ()
    table.offline["bac-binh"] = [(OUT, BACK)]
    table.selves["bac-binh"] = {
        "agent_boot_timestamp_seconds": lambda at: START + (CAME_ON if at > OUT else -AGES),
        "agent_start_timestamp_seconds": lambda at: START + (CAME_ON if at > OUT else -AGES),
        "agent_last_shutdown_clean": lambda at: float(at < OUT),
    }
    table.values = [row for row in table.values if row[0][9:] in ("router", "pc")]
    _, events = run(table, 2700.0)
    found: list[Incident] = [e.incident for e in named(events, "incident_updated")]
    assert found[-1].cause == "site:bac-binh"
    assert "the measuring computer, too" in found[-1].reason.template
