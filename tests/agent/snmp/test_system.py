"""Clocks: since when a device runs, and whether it started anew."""

from __future__ import annotations

import pytest

from agent.snmp import system
from agent.snmp.session import Value
from agent.snmp.system import SystemFacts, decode_system, restarted

YEAR = 365 * 86_400


def facts(**cells: Value) -> SystemFacts:
    return decode_system({getattr(system, name): value for name, value in cells.items()})


def test_uptime_is_the_engine_s_where_sysuptime_wrapped() -> None:
    """497 days and 2 hours later the wrapped sysUpTime says two hours, the engine the truth."""
    engine = 42_949_672 + 7200
    assert facts(UP_TIME=720_004, ENGINE_TIME=engine).uptime_seconds() == engine


def test_an_engine_that_lies_is_not_believed() -> None:
    assert facts(UP_TIME=720_000, ENGINE_TIME=5).uptime_seconds() == 7200
    assert facts(UP_TIME=720_000, ENGINE_TIME=-7200).uptime_seconds() == 7200
    assert facts(ENGINE_TIME=7200).uptime_seconds() == 7200


def test_the_host_s_age_counts_but_not_on_windows() -> None:
    assert facts(UP_TIME=100, HOST_UPTIME=720_000, DESCR=b"Linux").uptime_seconds() == 7200
    windows = facts(UP_TIME=100, HOST_UPTIME=720_000, DESCR=b"Hardware: x86 Software: Windows")
    assert windows.uptime_seconds() == 1


@pytest.mark.parametrize("ticks", [-5, 1 << 32, b"no time", "1.3.6"])
def test_impossible_times_are_absent(ticks: Value) -> None:
    assert facts(UP_TIME=ticks).uptime_seconds() is None


def test_hostile_words_are_one_clean_line() -> None:
    hostile = facts(DESCR=b"a\x1b[31m\r\nb\x00<script>" + b"x" * 70_000, OBJECT_ID=b"text")
    assert hostile.descr.startswith("a[31m b<script>xx")
    assert len(hostile.descr) == 256
    assert hostile.object_id == ""


def test_an_identity_sent_as_text() -> None:
    """A PDU of HPE sends sysObjectID as text with a dot before it."""
    assert facts(OBJECT_ID=b".1.3.6.1.4.1.232.165.11").object_id == "1.3.6.1.4.1.232.165.11"
    assert facts(OBJECT_ID="1.3.6.1.4.1.9.1.1").object_id == "1.3.6.1.4.1.9.1.1"


@pytest.mark.parametrize(
    ("before", "after", "elapsed", "expected"),
    [
        ({"ticks": 100_000}, {"ticks": 106_000}, 60, False),
        ({"ticks": 100_000}, {"ticks": 3_000}, 60, True),
        ({"ticks": 1_000}, {"ticks": 3_000}, 60, True),  # runs for 30 s, was asked 60 s ago
        ({"ticks": (1 << 32) - 3000}, {"ticks": 3_000}, 60, False),  # the wrap at 497 days
        ({"ticks": (1 << 32) - 3000}, {"ticks": 90_000}, 60, True),
        ({"ticks": 500}, {"ticks": 500}, 3600, False),  # a clock that stands still
        ({}, {"ticks": 5}, 60, False),
        ({"boots": 4, "ticks": 100_000}, {"boots": 5, "ticks": 200_000}, 60, True),
        (
            {"engine_seconds": 2 * YEAR, "ticks": 9_000},
            {"engine_seconds": 2 * YEAR + 60, "ticks": 20},
            60,
            False,
        ),
        ({"engine_seconds": YEAR, "ticks": 1}, {"engine_seconds": 20, "ticks": 2000}, 60, True),
    ],
)
def test_restarted(
    before: dict[str, int], after: dict[str, int], elapsed: float, expected: bool
) -> None:
    assert restarted(SystemFacts(**before), SystemFacts(**after), elapsed) is expected  # type: ignore[arg-type]
