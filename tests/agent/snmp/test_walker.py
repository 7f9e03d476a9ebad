"""The rules of a walk, without a network."""

from __future__ import annotations

from agent.snmp.session import WalkLimits
from agent.snmp.walker import WalkGuard

PREFIX = "1.3.6.1.2.1.2"


def guard(clock: list[float] | None = None, **limits: float) -> WalkGuard:
    times = clock or [0.0]
    return WalkGuard(PREFIX, WalkLimits(**limits), lambda: times[0])  # type: ignore[arg-type]


def test_ends_without_complaint_at_the_first_row_beyond() -> None:
    walk = guard()
    assert walk.take([(f"{PREFIX}.1", 1), (f"{PREFIX}.9", 2), (f"{PREFIX}.10", 3)])
    assert not walk.take([("1.3.6.1.2.1.20", 4)])
    assert [value for _, value in walk.walk().rows] == [1, 2, 3]
    assert walk.walk().broken is None


def test_keeps_what_came_before_an_oid_that_does_not_increase() -> None:
    for late in (f"{PREFIX}.5", f"{PREFIX}.9"):
        walk = guard()
        assert not walk.take([(f"{PREFIX}.9", 1), (late, 2), (f"{PREFIX}.20", 3)])
        assert walk.walk().rows == ((f"{PREFIX}.9", 1),)
        assert "do not increase" in (walk.walk().broken or "")


def test_caps_rows_octets_and_time() -> None:
    walk = guard(rows=2)
    assert not walk.take((f"{PREFIX}.{n}", n) for n in range(1, 9))
    assert len(walk.walk().rows) == 2
    assert "more than 2 rows" in (walk.walk().broken or "")
    walk = guard(octets=1000)
    assert not walk.take((f"{PREFIX}.{n}", b"x" * 400) for n in range(1, 9))
    assert "octets" in (walk.walk().broken or "")
    clock = [0.0]
    walk = guard(clock, seconds=5.0)
    assert walk.take([(f"{PREFIX}.1", 1)])
    clock[0] = 6.0
    assert not walk.take([(f"{PREFIX}.2", 1)])
    assert "5 seconds" in (walk.walk().broken or "")
