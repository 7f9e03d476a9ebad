"""The decoding steps of the profiles, each on what real devices send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.snmp.decode import DECODERS, decode
from agent.snmp.session import Value
from inventory.profile_metric import ProfileMetric
from inventory.profile_step import STEPS

OTHER = "1.3.6.1.9"
ARGUMENTS = {
    "a number": 0.1,
    "an object identifier of the same row": OTHER,
    "a list of values": [1],
    "a regular expression": "a",
    "a mapping of values to numbers": {"1": 2},
}


def metric(*decode: Any, **more: Any) -> ProfileMetric:
    return ProfileMetric(
        metric="battery_charge_ratio",
        scalar="1.3.6.1.4.1.1.0",
        decode=decode,
        evidence={"source": "x", "conf": "mib"},  # type: ignore[arg-type]
        **more,
    )


def test_every_step_is_written() -> None:
    """The list that files are checked against and the functions are the same."""
    assert set(DECODERS) == set(STEPS)


@pytest.mark.parametrize(
    ("steps", "value", "expected"),
    [
        ((), 17, 17),
        (("num",), b"-106 dBm", -106),
        (("num",), b"15 PERCENT", 15),
        (("num",), b"54,3 V", 54.3),
        (("num",), b"n/a", None),
        (("num_in_brackets",), b"0.03 mW (-14.61 dBm)", -14.61),
        (("num_in_brackets",), b"6.56 dbm", None),
        (("signed16",), 65408, -128),
        (("signed16",), 40, 40),
        (("signed16", {"scale": 0.002}, {"offset": -30}), 4000, -22),
        (("signed32",), 4294967168, -128),
        (("signed32",), b"x", None),
        (({"scale": 0.1},), 282, 28.2),
        (({"scale": 0.001},), -5673, -5.673),
        (({"scale": 0.002},), 500, 1),
        (({"scale": -1},), 94, -94),
        (({"scale": 1024},), 2, 2048),
        (({"scale": 0.1},), b"", None),
        (({"offset": -10000}, {"scale": 0.01}), 7500, -25),
        (("percent",), 42, 0.42),
        (("timeticks",), 756000, 7560),
        (("minutes",), 12, 720),
        (("mw_to_dbm",), b"0.251200", pytest.approx(-6.0, abs=0.001)),
        (("mw_to_dbm",), b"0.0000", -40),
        (("mw_to_dbm",), b"-1", None),
        (("uw_to_dbm",), 500, pytest.approx(-3.01, abs=0.001)),
        (("neg_is_cdbm_else_uw",), -928, -9.28),
        (("neg_is_cdbm_else_uw",), 257, pytest.approx(-5.90, abs=0.01)),
        (("neg_is_cdbm_else_uw",), 0, None),
        (("ua_if_thousands_else_ma",), 22236, 0.022236),
        (("ua_if_thousands_else_ma",), 7, 0.007),
        (("ua_if_thousands_else_ma",), -255, None),
        (({"tenths_above": 1000},), 2369, 236.9),
        (({"tenths_above": 1000},), 233, 233),
        (({"in": [3, 15]},), 3, 1),
        (({"in": [3, 15]},), 2, 0),
        (({"in": ["inserted"]},), b"Inserted ", 1),
        (({"in": [1]},), b"1", 1),
        (({"in": [1]},), b"1 fan failed", 0),
        (({"matches": "registered.*(home|roam)"},), b"Registered, home", 1),
        (({"matches": "registered"},), b"Denied", 0),
        (({"map": {"7": 4, "2": 3}},), 7, 4),
        (({"map": {"LTE": 4, "5G-NSA": 5}},), b"5G-NSA", 5),
        (({"map": {"7": 4}},), 9, None),
        (({"ratio_of": OTHER},), 25, 0.25),
        (({"free_of": OTHER},), 25, 0.75),
        (({"share_with": OTHER},), 25, 0.2),
        (({"ten_to_the": "1.3.6.1.8"},), 391, 3.91),
        (({"ten_to_the": "1.3.6.1.7"},), 391, None),
        (({"ratio_of": "1.3.6.1.7"},), 25, None),
    ],
)
def test_a_step(steps: tuple[Any, ...], value: Value, expected: float | None) -> None:
    """The value in base units, or nothing."""
    row: dict[str, Value] = {OTHER: 100, "1.3.6.1.8": -2}
    assert decode(metric(*steps), value, row) == expected


def test_what_is_no_value_is_absent() -> None:
    """Raw values that mean nothing, darkness, and what lies beyond the plausible."""
    assert decode(metric(invalid=[65535, "n/a"]), 65535, {}) is None
    assert decode(metric(invalid=[65535, "n/a"]), b"N/A", {}) is None
    assert decode(metric(invalid=[65535]), b"65535", {}) is None
    assert decode(metric(dark=[-99999999]), -99999999, {}) == -40
    assert decode(metric("percent", range=[0, 1]), 101, {}) is None
    assert decode(metric("percent", range=[0, 1]), 100, {}) == 1
    assert decode(metric(), None, {}) is None


def test_states() -> None:
    """Good is 1, a warning and a failure are 0, everything else says nothing."""
    states = {"ok": [1], "warn": [2], "crit": [3, "bad"], "unknown": [4]}
    found = [decode(metric(states=states), value, {}) for value in (1, 2, 3, b"BAD", 4, 9)]
    assert found == [1, 0, 0, 0, None, None]


@given(
    st.sampled_from(sorted(STEPS)),
    st.one_of(st.integers(), st.binary(max_size=40), st.floats(), st.text(max_size=40)),
    st.one_of(st.none(), st.integers(), st.binary(max_size=20)),
)
def test_no_value_brings_a_step_down(name: str, value: Value, other: Value | None) -> None:
    """Devices send anything."""
    argument = ARGUMENTS.get(STEPS[name].value)
    step = name if argument is None else {name: argument}
    decode(metric(step), value, {} if other is None else {OTHER: other})
