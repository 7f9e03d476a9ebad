"""The boards as files: valid for Grafana, complete in both languages, without overlaps, up to date."""

from __future__ import annotations

import copy
import re
from itertools import combinations
from typing import Any

import pytest

from collector.phrases import CLASS_WORDS, SEVERITY_WORDS, STATE_WORDS
from collector.rules import RULES
from collector.state import ILL_FIRST
from collector.words import Speaker
from dashboards import finding_words, words
from dashboards.boards import BOARDS, NOT_SHOWN
from dashboards.expression import Filter, now, rate
from dashboards.generate import GENERATED, generated_files, stale
from dashboards.language import Language, Text
from dashboards.layout import placed
from dashboards.look import expected, steps_of
from dashboards.panel import Panel, ask
from inventory.device_class import DeviceClass
from inventory.expectation import DEFAULT_LIMITS
from inventory.limit import Limit
from telemetry import catalogue as c
from tests.dashboards.boards import board, links, panels, targets
from tests.dashboards.schema import SchemaError, validate

NAMES = [made.name for made in BOARDS]
FILES = [(name, language.value) for name in NAMES for language in Language]


def test_nothing_is_stale() -> None:
    """What is committed is what the code makes: else run `python -m dashboards generate`."""
    assert stale() == []
    assert set(generated_files()) >= {f"{language}/{name}.json" for name, language in FILES}


@pytest.mark.parametrize(("name", "language"), FILES)
def test_grafana_takes_it(name: str, language: str) -> None:
    """Every key and value is one of Grafana's published schema."""
    validate(board(name, language))


def test_the_schema_refuses() -> None:
    """What Grafana would drop or choke on is found: unknown keys, wrong types, values off the list."""
    good = board("overview")
    for change in (
        lambda b: b.update(colour="red"),
        lambda b: b.update(refresh=30),
        lambda b: b["panels"][0].pop("type"),
        lambda b: b["panels"][0]["options"].update(colorMode="loud"),
        lambda b: b["panels"][0]["gridPos"].update(w="4"),
        lambda b: b["panels"][0]["targets"][0].pop("expr"),
        lambda b: b["panels"][6]["fieldConfig"]["overrides"][0]["properties"][0].update(
            id="custom.x"
        ),
    ):
        bad = copy.deepcopy(good)
        change(bad)
        with pytest.raises((SchemaError, KeyError)):
            validate(bad)


@pytest.mark.parametrize(("name", "language"), FILES)
def test_every_panel_explains_itself(name: str, language: str) -> None:
    """Title and description, own number; the board has a stable address and its own language."""
    made = board(name, language)
    assert made["uid"] == f"ltmon-{name}-{language}"
    assert made["title"]
    assert made["description"]
    numbers = [panel["id"] for panel in made["panels"]]
    for _, panel in panels(made):
        assert panel["title"].strip()
        assert len(panel["description"]) > 10, panel["title"]
        numbers += [panel["id"]] if panel["id"] not in numbers else []
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_the_same_board(name: str) -> None:
    """Same panels at the same places asking the same; only the words differ, and they do."""
    one, other = (list(panels(board(name, language))) for language in ("vi", "en"))
    assert len(one) == len(other)
    different = 0
    for (_, vi), (_, en) in zip(one, other, strict=True):
        assert vi["gridPos"] == en["gridPos"]
        assert [t["expr"] for t in targets(vi)] == [t["expr"] for t in targets(en)]
        different += vi["title"] != en["title"]
        assert vi["description"] != en["description"]
    assert different > len(one) * 0.9


@pytest.mark.parametrize("name", NAMES)
def test_no_panels_overlap(name: str) -> None:
    """Neither on the board nor inside a folded row; all are within the 24 columns."""
    made = board(name)
    groups = [list(made["panels"])]
    groups += [panel["panels"] for panel in made["panels"] if panel["type"] == "row"]
    for group in groups:
        for panel in group:
            place = panel["gridPos"]
            assert 0 <= place["x"] < place["x"] + place["w"] <= 24
        for one, other in combinations([panel["gridPos"] for panel in group], 2):
            apart = (
                one["x"] + one["w"] <= other["x"]
                or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"]
                or other["y"] + other["h"] <= one["y"]
            )
            assert apart, (name, one, other)


def test_every_metric_is_shown() -> None:
    """Each metric of the catalogue is on a board, or on the list of those that are not, with a reason."""
    asked = " ".join(
        target["expr"]
        for name in NAMES
        for _, panel in panels(board(name))
        for target in targets(panel)
    )
    shown = {metric for metric in c.CATALOGUE if re.search(rf"\b{metric}\b", asked)}
    assert set(c.CATALOGUE) - shown == set(NOT_SHOWN)
    assert all(NOT_SHOWN.values())


def test_the_boards_know_the_words_of_the_status_page() -> None:
    """States, classes and severities are called alike, in both languages; no rule is without a word."""
    speaker = Speaker()
    for words_there, words_here in (
        (
            {k.value: v for k, v in STATE_WORDS.items()},
            {k: n.words for k, n in words.STATES.items()},
        ),
        (
            {k.value: v for k, v in SEVERITY_WORDS.items()},
            {k: n.words for k, n in words.SEVERITIES.items()},
        ),
        (CLASS_WORDS, words.CLASSES),
    ):
        assert set(words_there) == set(words_here)
        for key, english in words_there.items():
            assert words_here[key] == Text(speaker.text(english, "vi", {}), english)
    assert set(finding_words.FINDINGS) == {rule.name for rule in RULES} | {
        "reachability",
        "agent_silent",
        "agent_clock",
        "agent_blind",
    }
    assert [state.value for state in ILL_FIRST] == list(words.STATES)


def test_thresholds_are_the_expectations() -> None:
    """Colours change where the judging engine changes its mind, for the class that is shown."""
    above = steps_of(Limit(degraded=1, critical=2))
    assert [(step.value, step.colour) for step in above] == [
        (None, "green"),
        (1, "orange"),
        (2, "red"),
    ]
    below = steps_of(Limit(degraded=5, critical=2, direction="below"))
    assert [(step.value, step.colour) for step in below] == [
        (None, "red"),
        (2, "orange"),
        (5, "green"),
    ]
    assert expected(c.ICMP_LOSS_RATIO).steps[1].value == DEFAULT_LIMITS["icmp_loss_ratio"].degraded
    assert expected(c.ICMP_LOSS_RATIO, of=DeviceClass.VC_ENDPOINT).steps[1].value == 0.01
    assert expected(c.BATTERY_RUNTIME).unit == "seconds"


def test_mistakes_do_not_build() -> None:
    """A label that a metric has not, a rate of a gauge, a legend or a table that cannot be filled."""
    site = Filter("site", "=", "x")
    for mistake, words_in_it in (
        (lambda: now(c.INCIDENT_OPEN, site), "has no label site"),
        (lambda: rate(c.ICMP_LOSS_RATIO), "is no counter"),
        (lambda: now(c.ICMP_LOSS_RATIO).max("interface"), "has no label interface"),
        (lambda: ask(now(c.ICMP_LOSS_RATIO), "{{interface}}"), "names labels"),
        (lambda: now(c.ICMP_LOSS_RATIO).otherwise(0), "without labels"),
        (lambda: Text("", "x"), "both languages"),
        (lambda: list(placed([_wide(25)], 0)), "columns wide"),
    ):
        with pytest.raises(ValueError, match=words_in_it):
            mistake()


def _wide(width: int) -> Panel:
    words_ = Text("x", "x")

    def make(_: Language) -> Any:
        raise AssertionError("nobody draws it")

    return Panel(words_, words_, width, 1, make)


def test_generated_holds_nothing_else() -> None:
    """A board that is no more leaves no file behind."""
    there = {str(path.relative_to(GENERATED)) for path in GENERATED.rglob("*.json")}
    assert there == {name for name in generated_files() if name.endswith(".json")}


@pytest.mark.parametrize(("name", "language"), FILES)
def test_links_lead_somewhere(name: str, language: str) -> None:
    """To a page that the collector has, or to a board that there is, in the reader's language."""
    uids = {f"ltmon-{other}-{language}" for other in NAMES}
    for _, panel in panels(board(name, language)):
        for url in links(panel):
            page = re.fullmatch(r"\$\{status_page\}/(devices|sites)/\$\{[^}]+\}\?lang=(\w+)", url)
            to_board = re.match(r"/d/([\w-]+)\?", url)
            assert (page and page[2] == language) or (to_board and to_board[1] in uids), url
