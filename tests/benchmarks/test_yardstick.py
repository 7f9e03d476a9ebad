"""The yard-stick itself: what counts as found, missed, false, wrong and doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.yardstick import document
from benchmarks.yardstick.claims import broken_claims
from benchmarks.yardstick.match import Matched, match
from benchmarks.yardstick.score import score
from benchmarks.yardstick.told import Mention, Told
from simulator.scenarios.truth import Innocent, Truth

SWITCH_DEAD = Truth(
    kind="device_dead",
    cause="device:a-switch",
    also=("link:a-floor",),
    targets=("a-switch", "a-room"),
    shows=("check_up",),
    onset=1000.0,
    end=5000.0,
    down=True,
    interval=60.0,
)
LEAK = Truth(
    kind="memory_leak",
    cause="device:a-switch",
    also=(),
    targets=("a-switch",),
    shows=("device_memory_utilization_ratio",),
    onset=0.0,
    end=900_000.0,
    limit_at=800_000.0,
)


def told(
    id_: str, at: float, cause: str, *affected: str, metric: str = "check_up", target: str = ""
) -> Told:
    """An incident with one mention."""
    about = target or cause.partition(":")[2]
    mention = Mention(at, "a rule", about, frozenset({metric}), "why")
    return Told(id_, at, cause, affected, [mention])


def matched(*incidents: Told, truths: tuple[Truth, ...] = (SWITCH_DEAD,)) -> Matched:
    return match(truths, [], incidents)


def test_found_with_the_right_cause() -> None:
    """An incident of the very cause finds the fault; the delay counts from the onset."""
    found = score("x", [matched(told("1", 1090.0, "device:a-switch", "a-room"))], 100.0)
    assert (found.recall, found.right_cause, found.incidents_per_fault, found.false) == (1, 1, 1, 0)
    assert found.minutes == [1.5]
    assert found.down_in_time == 1.0


def test_an_alternative_cause_is_right() -> None:
    """What nobody could tell apart counts as right."""
    assert score("x", [matched(told("1", 1090.0, "link:a-floor", "a-room"))], 1.0).right_cause == 1


def test_found_by_a_victim_with_a_wrong_cause() -> None:
    """An incident about what suffers finds the fault, but names the wrong cause."""
    found = score("x", [matched(told("1", 1200.0, "device:a-room"))], 1.0)
    assert (found.recall, found.right_cause) == (1.0, 0.0)
    assert found.down_in_time == 0.0  # 200 s are more than two intervals and 15 s


def test_missed() -> None:
    """Silence misses; so does an incident about something else, which is false besides."""
    assert score("x", [matched()], 1.0).recall == 0.0
    found = score("x", [matched(told("1", 1090.0, "device:b-switch"))], 1000.0)
    assert (found.recall, found.false, found.false_per_1000) == (0.0, 1, 1.0)


@pytest.mark.parametrize("at", [900.0, 7000.0])
def test_out_of_its_time_it_is_false(at: float) -> None:
    """Before the onset, or long after the end, the right cause is a false alarm."""
    assert score("x", [matched(told("1", at, "device:a-switch"))], 1.0).false == 1


def test_doubled() -> None:
    """A second incident about the same fault is not false but one too many."""
    twice = (told("1", 1090.0, "device:a-switch"), told("2", 1100.0, "device:a-room"))
    found = score("x", [matched(*twice)], 1.0)
    assert (found.recall, found.false, found.incidents_per_fault) == (1.0, 0, 2.0)


def test_each_to_the_fault_that_it_shows() -> None:
    """Two faults of one device at the same time: each is found by the rule that looks there."""
    down = told("1", 1090.0, "device:a-switch")
    full = told("2", 2000.0, "device:a-switch", metric="device_memory_utilization_ratio")
    found = matched(down, full, truths=(SWITCH_DEAD, LEAK))
    assert [[i.id for i in named.incidents] for named in found.named] == [["1"], ["2"]]


def test_what_joins_an_open_incident_finds_another_fault() -> None:
    """An incident that is open already may come to speak of a second fault."""
    leak = told("1", 500.0, "device:a-switch", metric="device_memory_utilization_ratio")
    leak.mentions.append(Mention(1090.0, "reachability", "a-switch", frozenset({"check_up"}), ""))
    found = score("x", [matched(leak, truths=(SWITCH_DEAD, LEAK))], 1.0)
    assert (found.recall, found.incidents_per_fault) == (1.0, 1.0)


def test_what_foresees_speaks_of_what_wears() -> None:
    """A line that had been cut fades besides: that it fades is no word about the cut, which is over."""
    light = ("optical_receive_power_dbm",)
    cut = Truth("line_cut", "link:a", (), ("a-onu",), ("check_up", *light), 500.0, 900.0)
    fading = Truth("fading", "link:a", (), ("a-onu",), light, 0.0, 9e5, limit_at=8e5)
    both = told("1", 600.0, "link:a", target="a-onu")
    both.mentions.append(Mention(960.0, "drift", "a-onu", frozenset(light), "", foresees=True))
    found = matched(both, truths=(cut, fading))
    assert [named.at for named in found.named] == [600.0, 960.0]


def test_what_shows_more_of_the_fault_is_meant() -> None:
    """A switch that answers ever more slowly dies: that it is gone speaks of its death, though more
    suffer from that.
    """
    answers = ("check_up", "icmp_loss_ratio")
    slow = Truth("slowing", "device:a-switch", (), ("a-switch",), ("check_up",), 0.0, 9e5)
    dead = Truth("dead", "device:a-switch", (), ("a-switch", "a-room"), answers, 1000.0, 5000.0)
    gone = told("1", 1090.0, "device:a-switch")
    gone.mentions[:] = [Mention(1090.0, "reachability", "a-switch", frozenset(answers), "")]
    found = matched(gone, truths=(slow, dead))
    assert [named.at for named in found.named] == [None, 1090.0]


def test_one_incident_for_one_event() -> None:
    """A carrier's outage may be told in one incident for all its lines."""
    lines = tuple(
        Truth("carrier_outage", f"link:{n}", tuple(f"link:{m}" for m in "ab" if m != n), (f"{n}-onu",),
              ("check_up",), 0.0, 900.0, group="g")
        for n in "ab"
    )  # fmt: skip
    found = score("x", [matched(told("1", 60.0, "link:a", "a-onu", "b-onu"), truths=lines)], 1.0)
    assert (found.recall, found.right_cause, found.incidents_per_fault) == (1.0, 1.0, 1.0)


def test_a_single_reboot_may_be_told() -> None:
    """What truly did not answer for a moment is nobody's false alarm."""
    reboot = Innocent("single_reboot", ("c-router",), 100.0, 1000.0, visible=True)
    spike = Innocent("cpu_spike", ("d-router",), 100.0, 1000.0)
    both = [told("1", 200.0, "device:c-router"), told("2", 200.0, "device:d-router")]
    found = match([], [reboot, spike], both)
    assert ([t.id for t in found.blameless], [t.id for t in found.false]) == (["1"], ["2"])


def test_lead_before_the_limit() -> None:
    """Wear counts in days before the others' limit, and not at all when it was never named."""
    early = told("1", 800_000.0 - 4 * 86_400, "device:a-switch", metric=LEAK.shows[0])
    assert score("x", [matched(early, truths=(LEAK,))], 1.0).shortest_lead_days == 4.0
    assert score("x", [matched(truths=(LEAK,))], 1.0).shortest_lead_days == 0.0


def test_claims() -> None:
    """A perfect score keeps every claim; a missed fault breaks what was promised of it."""
    early = told("2", 100_000.0, "device:a-switch", metric=LEAK.shows[0])
    perfect = matched(told("1", 1090.0, "device:a-switch"), early, truths=(SWITCH_DEAD, LEAK))
    assert broken_claims(score("x", [perfect], 1000.0)) == []
    assert any("recall" in sentence for sentence in broken_claims(score("x", [matched()], 1000.0)))


def test_the_guide_takes_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run replaces what stands between the markers and nothing else; a second run does so again."""
    guide = tmp_path / "judging.md"
    guide.write_text(
        f"before\n{document.BEGIN}\nstale figures\n{document.END}\nafter\n", encoding="utf-8"
    )
    monkeypatch.setattr(document, "GUIDE", guide)
    figures = score("ours", [matched(told("1", 1090.0, "device:a-switch"))], 1000.0)
    for _ in range(2):
        document.write_measured([7], 1_000_000, [figures], ["recall is too low"])
    text = guide.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "stale figures" not in text
    assert text.count("| ours | 1 | 1.0 | 1.0 | 0.0 |") == 1
    assert "- recall is too low;" in text


def test_the_guide_has_its_markers() -> None:
    """There is a place for the figures."""
    text = document.GUIDE.read_text(encoding="utf-8")
    assert text.index(document.BEGIN) < text.index(document.END)
