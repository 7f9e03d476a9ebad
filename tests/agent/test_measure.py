"""One check: its deadline, its samples with names and places, and hostile strings in its labels."""

from __future__ import annotations

import asyncio
import logging
import math

import pytest

from agent.measure import LONGEST_SECONDS, KnownSeries, Measurer, deadline_of
from agent.probe import Reason, Result, Target
from agent.resolve import Assignment
from inventory.check import IcmpCheck, TcpCheck
from telemetry.catalogue import (
    CHECK_DURATION,
    CHECK_FAILURES,
    CHECK_UP,
    ICMP_LOSS_RATIO,
    ICMP_RTT_MEDIAN,
    INTERFACE_UP,
)
from telemetry.sample import Reading, Sample, Series

pytestmark = pytest.mark.anyio

TARGET = Target("room-1", "bac-binh", "vc_endpoint", "127.0.0.1")
ASSIGNMENT = Assignment(TARGET, "tcp", TcpCheck(port=80))


class ScriptedProbe:
    """Gives the results it was made with, raises the exceptions among them."""

    def __init__(self, *answers: Result | Exception) -> None:
        self.answers = list(answers)
        self.deadlines: list[float] = []

    async def check(self, target: Target, options: TcpCheck, deadline: float) -> Result:
        self.deadlines.append(deadline)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None: ...


def good(*readings: Reading) -> Result:
    return Result(True, 1_700_000_000.1234, 0.25, readings)


def by_name(samples: list[Sample]) -> dict[str, list[Sample]]:
    named: dict[str, list[Sample]] = {}
    for sample in samples:
        named.setdefault(sample.series.name, []).append(sample)
    return named


async def test_samples_say_who_where_and_when() -> None:
    """Readings and what every check says of itself, all at the time the check began."""
    probe = ScriptedProbe(good(ICMP_LOSS_RATIO.reading(0.1)))
    result, samples = await Measurer("office", {"tcp": probe}).measure(ASSIGNMENT)
    assert result.ok
    assert {s.timestamp_ms for s in samples} == {1_700_000_000_123}
    named = by_name(samples)
    assert set(named) == {CHECK_UP.name, CHECK_DURATION.name, ICMP_LOSS_RATIO.name}
    assert named[CHECK_UP.name][0].value == 1
    assert named[CHECK_DURATION.name][0].value == 0.25
    assert named[ICMP_LOSS_RATIO.name][0].series.labels == (
        ("agent", "office"),
        ("class", "vc_endpoint"),
        ("device", "room-1"),
        ("site", "bac-binh"),
    )
    assert named[CHECK_UP.name][0].series.label("check") == "tcp"


async def test_failures_are_counted_for_ever_by_reason() -> None:
    """The counter rises with each failure and is still told when the check is well again."""
    failed = Result(False, 1.0, 1.0, reason=Reason.TIMEOUT)
    refused = Result(False, 2.0, 1.0, reason=Reason.REFUSED)
    measurer = Measurer("office", {"tcp": ScriptedProbe(good(), failed, failed, refused, good())})
    counts = []
    for _ in range(5):
        _, samples = await measurer.measure(ASSIGNMENT)
        named = by_name(samples)
        failures = named.get(CHECK_FAILURES.name, [])
        counts.append({s.series.label("reason"): s.value for s in failures})
    assert counts == [
        {},
        {"timeout": 1},
        {"timeout": 2},
        {"timeout": 2, "refused": 1},
        {"timeout": 2, "refused": 1},
    ]


async def test_a_bug_in_a_probe_is_a_result(caplog: pytest.LogCaptureFixture) -> None:
    """An exception becomes the reason `internal`, with its traceback in the log."""
    measurer = Measurer("office", {"tcp": ScriptedProbe(ZeroDivisionError(), TimeoutError("mine"))})
    with caplog.at_level(logging.ERROR):
        first, samples = await measurer.measure(ASSIGNMENT)
        second, _ = await measurer.measure(ASSIGNMENT)
    assert (first.ok, first.reason, second.reason) == (False, Reason.INTERNAL, Reason.INTERNAL)
    assert by_name(samples)[CHECK_UP.name][0].value == 0
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


async def test_a_probe_that_breaks_its_deadline_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that never returns costs its deadline and a little, and the reason is `timeout`."""

    class Endless(ScriptedProbe):
        async def check(self, target: Target, options: TcpCheck, deadline: float) -> Result:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("agent.measure.GRACE_SECONDS", 0.02)
    quick = TcpCheck.model_construct(interval=0.05, timeout=0.02, port=80)
    result, _ = await Measurer("office", {"tcp": Endless()}).measure(
        Assignment(TARGET, "tcp", quick)
    )
    assert (result.ok, result.reason) == (False, Reason.TIMEOUT)
    assert 0.04 <= result.seconds < 2


async def test_the_deadline_leaves_room_before_the_next_turn() -> None:
    """Most of the interval, at most a minute, and never less than the check itself needs."""
    assert deadline_of(TcpCheck(port=80, interval=30, timeout=5)) == 27
    assert deadline_of(TcpCheck(port=80, interval=3600, timeout=5)) == LONGEST_SECONDS
    burst = IcmpCheck(interval=10, count=100, spacing=0.09, timeout=1)
    assert deadline_of(burst) == pytest.approx(9.91)


async def test_hostile_strings_and_numbers_do_not_get_through() -> None:
    """Control and direction characters go, lengths are cut, what is no number is absent."""
    rtl = "eth0" + chr(0x202E) + "\x1b[31m\nevil\x00"
    readings = (
        INTERFACE_UP.reading(1, interface=rtl),
        INTERFACE_UP.reading(1, interface="x" * 65_536),
        INTERFACE_UP.reading(0, interface="Cổng 1"),
        ICMP_RTT_MEDIAN.reading(math.nan),
        ICMP_LOSS_RATIO.reading(math.inf),
    )
    _, samples = await Measurer("o", {"tcp": ScriptedProbe(good(*readings))}).measure(ASSIGNMENT)
    named = by_name(samples)
    names = [s.series.label("interface") for s in named[INTERFACE_UP.name]]
    assert names == ["eth0[31m evil", "x" * 256, "Cổng 1"]
    assert ICMP_RTT_MEDIAN.name not in named
    assert ICMP_LOSS_RATIO.name not in named


async def test_two_interfaces_of_one_name_give_one_sample() -> None:
    """A device that gives two interfaces one name cannot make two samples of one series and time."""
    readings = (INTERFACE_UP.reading(1, interface="ge1"), INTERFACE_UP.reading(0, interface="ge1"))
    _, samples = await Measurer("o", {"tcp": ScriptedProbe(good(*readings))}).measure(ASSIGNMENT)
    assert [s.value for s in by_name(samples)[INTERFACE_UP.name]] == [1]


async def test_a_device_cannot_speak_for_another() -> None:
    """Labels that a probe gives never replace who and where: the agent's own win."""
    lying = Reading(INTERFACE_UP.name, 1, {"interface": "ge1", "device": "core", "site": "x"})
    _, samples = await Measurer("o", {"tcp": ScriptedProbe(good(lying))}).measure(ASSIGNMENT)
    sample = by_name(samples)[INTERFACE_UP.name][0]
    assert (sample.series.label("device"), sample.series.label("site")) == ("room-1", "bac-binh")


def test_the_series_of_a_target_are_made_once() -> None:
    """A result like the last one gives the same objects; what is new, gone or doubled is seen."""
    known = KnownSeries()

    def series(*readings: Reading, **more: str) -> list[Series | None]:
        return list(known.of({"site": "s", "device": "d", **more}, readings))

    one, two = Reading("up", 1, {"interface": "a"}), Reading("up", 0, {"interface": "b"})
    first = series(one, two)
    again = series(one._replace(value=5), two)
    assert [a is b for a, b in zip(first, again, strict=True)] == [True, True]
    third = Reading("up", 0, {"interface": "b\n"})  # clean, it is the same name
    later = series(two, one, third)
    assert later[0] is first[1]
    assert later[1] is first[0]
    assert later[2] is None
    moved = series(two, one, site="t")
    assert moved[0] != first[1]
