"""The arithmetic of a burst: known values, and what must hold whatever the path does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stamp.figures import Echo, Figures, grade, opinion, variation

MS = 1_000_000
SPACING = 20 * MS


@dataclass(frozen=True)
class Path:
    """A path as it really is: which packets it loses, and how long the others take, in ms."""

    lost_there: frozenset[int] = frozenset()
    lost_back: frozenset[int] = frozenset()
    there: dict[int, float] | None = None
    back: dict[int, float] | None = None
    offset_ms: float = 0.0
    residence_ms: float = 1.0
    stateful: bool = True

    def walk(self, count: int) -> Figures:
        """The burst of `count` packets over this path."""
        at_peer = []
        for number in range(1, count + 1):
            sent = number * SPACING
            if number not in self.lost_there:
                at_peer.append((sent + int((self.there or {}).get(number, 10) * MS), number, sent))
        echoes = []
        for own, (arrived, number, sent) in enumerate(sorted(at_peer)):
            if number in self.lost_back:
                continue
            left = arrived + int(self.residence_ms * MS)
            offset = int(self.offset_ms * MS)
            back = left + int((self.back or {}).get(number, 10) * MS)
            reflected = own if self.stateful else number
            echoes.append(Echo(number, reflected, sent, arrived + offset, left + offset, back))
        return Figures(count, sorted(echoes, key=lambda echo: echo.returned))


def numbers(*values: int) -> frozenset[int]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("there", "back", "expected"),
    [
        (numbers(), numbers(), (0.0, 0.0)),
        (numbers(1, 5, 6), numbers(), (0.03, 0.0)),
        (numbers(), numbers(1, 5, 6, 7), (0.0, 0.04)),
        (numbers(2, 3), numbers(1, 50), (0.02, 2 / 98)),
        (numbers(*range(1, 100, 2)), numbers(), (0.5, 0.0)),
    ],
)
def test_loss_by_direction(
    there: frozenset[int], back: frozenset[int], expected: tuple[float, float]
) -> None:
    """The reflector's count tells how many reached it; the loss back is of those that did."""
    figures = Path(lost_there=there, lost_back=back).walk(100)
    assert figures.loss_by_direction == pytest.approx(expected)
    assert figures.loss == pytest.approx(len(there | back) / 100)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_whatever_is_lost_is_accounted_for(there: set[int], back: set[int]) -> None:
    """Both directions together explain what did not come back, as long as the newest reply is there."""
    lost_there, lost_back = numbers(*there), numbers(*back)
    figures = Path(lost_there=lost_there - {60}, lost_back=lost_back - {60}).walk(60)
    assert figures.loss_by_direction is not None
    sent, received = figures.loss_by_direction
    assert sent == pytest.approx(len(lost_there - {60}) / 60)
    assert (1 - sent) * (1 - received) == pytest.approx(1 - figures.loss)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.lists(st.integers(0, 200)))
def test_figures_stay_within_their_bounds(
    there: set[int], back: set[int], delays: list[int]
) -> None:
    """Shares lie in 0 … 1, times are not negative, grades in 1 … 4.5, also with disorder."""
    slow = dict(enumerate(map(float, delays), 1))
    path = Path(lost_there=numbers(*there), lost_back=numbers(*back), there=slow, back=slow)
    figures = path.walk(60)
    shares = [figures.loss, *(figures.loss_by_direction or ())]
    assert all(0 <= share <= 1 for share in shares)
    for found in (figures.variation_sent, figures.variation_received):
        assert found is None or 0 <= found.p50 <= found.p90 <= found.p99
    assert figures.grade is None or 1 <= figures.grade <= 4.5
    assert (figures.grade is None) == (figures.round_trip is None) == (not figures.echoes)


def test_a_reflector_that_does_not_count_tells_no_direction() -> None:
    """It repeats our number; without number 0 this is seen even where nothing is lost."""
    assert Path(stateful=False).walk(10).loss_by_direction is None
    assert Path(stateful=False, lost_there=numbers(3)).walk(10).loss == pytest.approx(0.1)
    assert Path(stateful=True).walk(10).stateful


def test_a_reflector_that_began_anew_tells_no_direction() -> None:
    """Its numbers repeat: what it had counted before is unknown."""
    figures = Path().walk(20)
    restarted = [
        replace(echo, reflected=echo.reflected - 10) if echo.sequence > 10 else echo
        for echo in figures.echoes
    ]
    assert Figures(20, restarted).loss_by_direction is None


def test_a_burst_that_ends_in_silence_tells_no_direction() -> None:
    """The last 11 of 100 have an unknown fate: too many; 10 are left out."""
    silent = Path(lost_back=numbers(*range(90, 101))).walk(100)
    assert silent.loss_by_direction is None
    assert silent.loss == pytest.approx(0.11)
    nearly = Path(lost_there=numbers(1), lost_back=numbers(*range(91, 101))).walk(100)
    assert nearly.loss_by_direction == pytest.approx((1 / 90, 0.0))


def test_nothing_came_back() -> None:
    """Loss is known, all else is not."""
    figures = Figures(10, ())
    assert (figures.loss, figures.loss_by_direction) == (1.0, None)
    assert (figures.round_trip, figures.grade, figures.variation_sent) == (None, None, None)
    assert Figures(0, ()).loss == 1.0


def test_copies_are_no_further_packets() -> None:
    """One made on the way back has the same number twice, one made on the way there the next number."""
    echoes = list(Path(lost_there=numbers(4)).walk(10).echoes)
    back = Figures(10, [*echoes, echoes[-1]])
    assert back.duplicates == 1
    assert back.loss_by_direction == pytest.approx((0.1, 0.0))
    shifted = [
        replace(echo, reflected=echo.reflected + 1) if echo.sequence > 2 else echo
        for echo in echoes
    ]
    there = Figures(10, [*shifted[:2], replace(shifted[1], reflected=2), *shifted[2:]])
    assert there.duplicates == 1
    assert there.loss_by_direction == pytest.approx((0.1, 0.0))


def test_variation_by_direction_whatever_the_clocks_say() -> None:
    """Five of 100 are 30 ms late on the way there only; the peer's clock is an hour off."""
    late = dict.fromkeys(range(20, 25), 40.0)
    for offset in (0.0, 3_600_000.0, -3_600_000.0):
        figures = Path(there=late, offset_ms=offset).walk(100)
        there, back = figures.variation_sent, figures.variation_received
        assert there is not None
        assert back is not None
        assert (there.p50, there.p90, there.p99) == pytest.approx((0.0, 0.0, 0.030))
        assert (back.p50, back.p90, back.p99) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("delays", "expected"),
    [([], None), ([5], (0, 0, 0)), (range(1, 101), (49, 89, 98)), (range(1, 11), (4, 8, 9))],
)
def test_percentiles_by_nearest_rank(
    delays: Iterable[int], expected: tuple[int, int, int] | None
) -> None:
    """Less the smallest; each is a delay that was measured."""
    found = variation(value * 10**9 for value in delays)
    assert expected == (None if found is None else (found.p50, found.p90, found.p99))


def test_the_time_inside_the_reflector_is_not_the_paths() -> None:
    """25 ms there, 10 ms back, half a second in between."""
    slow = dict.fromkeys(range(1, 11), 25.0)
    figures = Path(there=slow, residence_ms=500, offset_ms=-99).walk(10)
    assert figures.round_trip == pytest.approx(0.035)


def test_order() -> None:
    """A packet that was overtaken is counted, those that overtook it are not."""
    figures = Path(back={3: 55.0}).walk(10)
    assert [echo.sequence for echo in figures.echoes][:5] == [1, 2, 4, 5, 3]
    assert figures.reordered == 1
    assert Path().walk(10).reordered == 0


@pytest.mark.parametrize(
    ("rating", "score"),
    # ITU-T G.107 Annex B, table B.1: lower limits of user satisfaction; 93.2: all defaults.
    [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1), (100, 4.5)],
)
def test_scores_of_the_recommendation(rating: float, score: float) -> None:
    """Within a hundredth of what the table prints."""
    assert opinion(rating) == pytest.approx(score, abs=0.01)


@given(st.floats(-200, 200))
def test_scores_are_opinions(rating: float) -> None:
    """Never below 1, not even where the polynomial dips, nor above 4.5; never falling."""
    assert 1 <= opinion(rating) <= 4.5
    assert opinion(rating) <= opinion(rating + 1) + 1e-9


@pytest.mark.parametrize(
    ("delay_ms", "loss", "rating"),
    [
        (0, 0, 93.2 - 0.48),  # 20 ms of the frame alone
        (80, 0, 93.2 - 2.4),
        (157.3, 0, 93.2 - 4.2552),  # 177.3 ms: the bend
        (380, 0, 93.2 - 9.6 - 24.497),  # 400 ms, G.114's limit
        (0, 0.01, 93.2 - 0.48 - 95 / 5.3),
        (0, 0.05, 93.2 - 0.48 - 475 / 9.3),
    ],
)
def test_grades_follow_the_formula(delay_ms: float, loss: float, rating: float) -> None:
    """Id and Ie,eff by hand."""
    assert grade(delay_ms / 1000, loss) == pytest.approx(opinion(rating))


@given(st.floats(0, 2), st.floats(0, 1), st.floats(0, 0.5))
def test_worse_paths_never_get_better_grades(delay: float, loss: float, more: float) -> None:
    """In delay as in loss."""
    assert grade(delay + more, loss) <= grade(delay, loss) + 1e-9
    assert grade(delay, min(1.0, loss + more)) <= grade(delay, loss) + 1e-9


def test_the_grade_is_of_the_worse_direction() -> None:
    """Loss in one direction counts whole, and the jitter buffer is the larger one's."""
    clean, lossy = Path().walk(100), Path(lost_back=numbers(*range(10, 15))).walk(100)
    assert clean.grade == pytest.approx(grade(0.010, 0.0))
    assert lossy.grade == pytest.approx(grade(0.010, 0.05))
    uneven = Path(there=dict.fromkeys(range(5, 20), 110.0)).walk(100)
    assert uneven.grade == pytest.approx(grade(0.010 + 0.100, 0.0))
