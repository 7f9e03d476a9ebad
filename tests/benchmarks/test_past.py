"""What the claims about "against its own past" are measured with."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from benchmarks.past.__main__ import alarms
from benchmarks.past.kinds import MAKERS, corpus
from benchmarks.past.labelled import read_folder
from benchmarks.past.machines import backups
from benchmarks.past.maker import Maker
from benchmarks.past.scoring import score

WINDOWS = ((500, 599), (800, 899))


def test_score_of_silence_and_of_perfection() -> None:
    """Who says nothing has 0; an alarm at the begin of each window and nowhere else has 100."""
    assert score(1000, WINDOWS, []).points == pytest.approx(0.0)
    assert score(1000, WINDOWS, [500, 800]).points == pytest.approx(100.0)


def test_early_is_worth_more_and_once() -> None:
    """The later in a window the less; a second alarm in it changes nothing."""
    first, middle, last = (score(1000, WINDOWS, [row]).points for row in (500, 550, 599))
    assert first > middle > last > 0.0
    assert score(1000, WINDOWS, [500, 510, 599]).points == pytest.approx(first)


def test_by_hand() -> None:
    """As the rule is published: 2 / (1 + e^5x) - 1 with x from -1 at the first row of a window over 0
    behind its last to 3 and more, which is -1; the first row's worth is 1.
    """
    half_way = math.tanh(2.5 * 0.5) / math.tanh(2.5)  # 50 of 100 rows are left: 0.8598
    assert score(1000, WINDOWS, [550]).raw == pytest.approx(half_way - 1)
    assert half_way == pytest.approx(0.8598, abs=1e-4)
    behind = -0.11 * math.tanh(2.5 * 50 / 99)  # 50 rows behind a window of 100: 99 steps to x = 1
    assert score(1000, WINDOWS, [500, 649]).raw == pytest.approx(1 + behind - 1)
    assert behind == pytest.approx(-0.0937, abs=1e-4)
    assert score(1000, (WINDOWS[0],), [500, 899]).raw == pytest.approx(1 - 0.11)
    assert score(1000, WINDOWS, [500, 550, 649, 800, 999]).points == pytest.approx(
        100 * (2 + 2 + behind - 0.11 * math.tanh(2.5 * 100 / 99)) / 4
    )


def test_first_rows_count_for_nothing() -> None:
    """15 % of the rows, at most 750; a window in them is nobody's to find."""
    assert score(1000, ((50, 149), *WINDOWS), [60, 500, 800]).points == pytest.approx(100.0)
    assert score(20_000, ((9_000, 9_999),), [749]).raw == pytest.approx(-1.0)
    assert score(20_000, ((9_000, 9_999),), [750]).raw == pytest.approx(-1.11)


def test_false_alarms_cost() -> None:
    """0.11 of a window far from any, less just behind one, nothing in the first 15 %."""
    assert score(1000, WINDOWS, [200]).raw == pytest.approx(-2.11)
    assert score(1000, WINDOWS, [604]).raw > -2.11
    assert score(1000, WINDOWS, [149]).raw == pytest.approx(-2.0)


def test_corpus_is_a_function_of_its_seed() -> None:
    """The same series each time; without faults there are no windows."""
    for maker in MAKERS:
        twice = [maker(Maker(random.Random(3), faults=True)) for _ in range(2)]
        assert twice[0] == twice[1]
        assert not maker(Maker(random.Random(3), faults=False)).windows


def test_backups_are_no_faults() -> None:
    """The nightly backup alarms nothing, peaks half as high again do."""
    for seed in (1, 2):
        assert not alarms(backups(Maker(random.Random(seed), faults=False)))
        series = backups(Maker(random.Random(seed), faults=True))
        told = alarms(series)
        assert score(len(series.values), series.windows, told).found == 2
        assert len(told) == 2


def test_folder_of_a_public_benchmark(tmp_path: Path) -> None:
    """data/KIND/*.csv with labels/combined_windows.json is read as rows and windows of rows."""
    (tmp_path / "data" / "kind").mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    rows = [f"2014-02-14 14:{minute:02d}:00,{minute / 7}" for minute in range(60)]
    (tmp_path / "data" / "kind" / "a.csv").write_text("timestamp,value\n" + "\n".join(rows))
    label = [["2014-02-14 14:10:00.000000", "2014-02-14 14:20:00.000000"]]
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps({"kind/a.csv": label}))
    (series,) = read_folder(tmp_path)
    assert (series.kind, len(series.values), series.windows) == ("kind", 60, ((10, 20),))


def test_whole_corpus_has_all_kinds() -> None:
    """As many series of each kind as the list says."""
    assert len(corpus(1)) == sum(MAKERS.values())
