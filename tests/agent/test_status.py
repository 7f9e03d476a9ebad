"""The agent's page and metrics: hostile strings stay text, promtool has nothing to say."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest
from starlette.applications import Starlette

from agent.buffer import BufferState
from agent.exposition import PUSHED_ONLY, exposition_of
from agent.latest import Latest
from agent.page import PageFacts, page_of
from agent.probe import Reason, Result, Target
from agent.push import PushState
from agent.push_outcome import PushReason
from agent.resolve import Assignment
from agent.self_metrics import SelfView
from agent.status import StatusServer, status_app
from agent.words import ENGLISH, VIETNAMESE, words_in
from inventory.check import CHECKS, IcmpCheck, TlsCheck
from inventory.inventory import Inventory
from telemetry.catalogue import (
    CATALOGUE,
    CHECK_UP,
    ICMP_LOSS_RATIO,
    ICMP_RTT_MEDIAN,
    TLS_NOT_AFTER,
    Scope,
)
from telemetry.errors import ConfigError
from telemetry.sample import Sample, Series

pytestmark = pytest.mark.anyio

NOW = 1_700_000_000.0
HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'`"


def assignment(target: str, kind: str = "icmp", site: str = "office") -> Assignment:
    options = IcmpCheck() if kind == "icmp" else TlsCheck()
    return Assignment(Target(target, site, "router", "127.0.0.9"), kind, options)


def facts_of(assignments: list[Assignment], latest: Latest, **changes: object) -> PageFacts:
    view = SelfView("1.0", None, NOW - 90, BufferState(0, 4096, None, 0, 0), {}, {}, 0.0)
    facts = PageFacts("office", None, "", assignments, latest, view, PushState())
    return replace(facts, **changes)  # type: ignore[arg-type]


@asynccontextmanager
async def visiting(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    server = StatusServer(app, "127.0.0.1", 0)
    await server.start()
    address = f"http://127.0.0.1:{server.port}"
    try:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            yield client
    finally:
        await server.stop()


def app_of(facts: PageFacts, ready: bool = True) -> Starlette:
    return status_app(
        lambda say: page_of(facts, say, NOW),
        exposition_of(lambda: facts.latest.samples(NOW)),
        lambda: ready,
    )


class Elements(HTMLParser):
    """Collects the names of all elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


async def test_health_and_readiness() -> None:
    """Healthy as soon as it answers; ready once there is an inventory; 404 for the rest."""
    facts = facts_of([], Latest())
    async with visiting(app_of(facts, ready=False)) as client:
        assert (await client.get("/-/healthy")).status_code == 200
        assert (await client.get("/-/ready")).status_code == 503
        assert (await client.get("/secret")).status_code == 404
        assert (await client.post("/")).status_code == 405
        page = (await client.get("/")).text
        assert VIETNAMESE["no_inventory"] in page
    async with visiting(app_of(facts)) as client:
        assert (await client.get("/-/ready")).status_code == 200


async def test_hostile_strings_stay_text() -> None:
    """Names, reasons and problems full of markup make no element, no attribute and no arithmetic."""
    latest = Latest()
    bad = assignment(HOSTILE, site=HOSTILE)
    latest.note(bad, Result(False, NOW, 1.0, reason=Reason.TIMEOUT), [])
    push = PushState(failing_since=NOW, last_reason=PushReason.SERVER, last_answer=HOSTILE)
    facts = facts_of([bad], latest, site=HOSTILE, inventory_problem=HOSTILE, push=push)
    calm = facts_of([assignment("r1")], Latest(), inventory_problem="x")
    async with visiting(app_of(facts)) as client, visiting(app_of(calm)) as other:
        answer = await client.get("/")
        found, usual = Elements(answer.text), Elements((await other.get("/")).text)
        assert found.tags == usual.tags
        assert found.attributes == usual.attributes
        assert "script" not in found.tags
        assert "{{7*7}}" in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_speaks_vietnamese_and_english() -> None:
    """What is wrong in words, how old the value is, whether results get through; a style, no script."""
    latest = Latest()
    router, room, portal, late = (
        assignment("router"),
        assignment("room"),
        assignment("portal", "tls"),
        assignment("late"),
    )
    readings = (ICMP_LOSS_RATIO.reading(0.1), ICMP_RTT_MEDIAN.reading(0.0123))
    latest.note(router, Result(True, NOW - 12, 1.0, readings), [])
    latest.note(room, Result(False, NOW - 130, 1.0, reason=Reason.TIMEOUT), [])
    expiry = (TLS_NOT_AFTER.reading(NOW + 40 * 86_400),)
    latest.note(portal, Result(True, NOW, 0.1, expiry), [])
    latest.note(late, Result(True, NOW - 86_400 * 3, 0.1), [])
    view = SelfView("1.0", None, NOW, BufferState(500, 2_000_000, 1, 8, 3), {}, {}, 0.0)
    push = PushState(failing_since=NOW - 7200, last_reason=PushReason.NETWORK)
    waiting = assignment("new")
    facts = facts_of([router, room, portal, late, waiting], latest, push=push, self_view=view)
    async with visiting(app_of(facts)) as client:
        page = (await client.get("/")).text
        assert '<html lang="vi">' in page
        for words in (
            "1 thiết bị hoặc dịch vụ đang có vấn đề",
            "mất gói 10 %, trễ 12,3 ms",
            "12 giây trước",
            "Có vấn đề: không trả lời trong thời gian chờ",
            "2 phút trước",
            "chứng thư còn hạn 40 ngày",
            "Số đo đã cũ",
            "Chưa đo",
            "Không gửi được từ 2 giờ trước: không có đường mạng tới trung tâm",
            "500 số đo đang chờ gửi (2,0 MB trên đĩa)",
            "8 số đo cũ đã phải bỏ",
            "3 số đo bị trung tâm từ chối",
        ):
            assert words in page, words
        english = (await client.get("/?lang=en")).text
        assert "Something is wrong: no answer in time" in english
        assert '<html lang="en">' in english
        assert '<html lang="vi">' in (await client.get("/?lang=<x>")).text
        style = await client.get("/style.css")
        assert style.headers["content-type"].startswith("text/css")
        assert "http" not in style.text


async def test_calm_sentences() -> None:
    """Everything good, nothing waiting, sent a moment ago; and an agent without a collector."""
    latest = Latest()
    latest.note(assignment("r"), Result(True, NOW, 0.1), [])
    facts = facts_of([assignment("r")], latest, push=PushState(last_success=NOW - 3))
    page = page_of(facts, words_in("en"), NOW)
    assert page.summary == "Every device answers as it should."
    assert page.sending == (
        "Sending as it should, last 3 seconds ago.",
        "No result waits to be sent.",
    )
    alone = page_of(replace(facts, push=None), words_in("en"), NOW)
    assert alone.sending == (ENGLISH["push_none"],)
    nothing = page_of(facts_of([], Latest()), words_in("en"), NOW)
    assert nothing.summary == ENGLISH["summary_nothing"]
    starting = page_of(facts_of([assignment("r")], Latest()), words_in("en"), NOW)
    assert starting.summary == ENGLISH["summary_waiting"]


async def test_names_come_from_the_inventory() -> None:
    """The office and its devices are called as people call them."""
    inventory = Inventory.model_validate(
        {
            "district": {"id": "d", "name": "D", "timezone": "UTC", "language": "vi"},
            "sites": [{"id": "office", "name": "UBND xã Bắc Bình", "kind": "commune"}],
            "devices": [{"id": "r1", "site": "office", "class": "router", "name": "Bộ định tuyến"}],
        }
    )
    facts = facts_of([assignment("r1"), assignment("r2")], Latest(), inventory=inventory)
    page = page_of(facts, words_in("vi"), NOW)
    assert page.title == "Máy giám sát tại UBND xã Bắc Bình"
    assert [target.name for target in page.targets] == ["Bộ định tuyến", "r2"]


def test_both_languages_say_the_same_things() -> None:
    """Same keys, same places for values; every reason and every kind of check has words."""
    assert set(VIETNAMESE) == set(ENGLISH)
    for key, sentence in VIETNAMESE.items():
        assert sentence.count("{") == ENGLISH[key].count("{"), key
    assert {f"reason_{reason}" for reason in Reason} <= set(ENGLISH)
    assert {f"push_{reason}" for reason in PushReason} <= set(ENGLISH)
    assert {f"check_{kind}" for kind in CHECKS} <= set(ENGLISH)
    assert words_in("en")("check_teapot") == "teapot"
    assert words_in("en").ago(None) == "never"
    assert words_in("en").ago(86_400 * 3) == "3 days ago"


def every_sample(text: str) -> list[Sample]:
    """A sample of each metric of the agent, every instance label holding `text`."""
    who = {"site": "office", "agent": "a", "device": "d", "class": "router"}
    return [
        metric.reading(1, **dict.fromkeys(metric.labels, text)).sample(who, int(NOW * 1000))
        for metric in CATALOGUE.values()
        if metric.scope is not Scope.COLLECTOR
    ]


def promtool(text: bytes) -> str:
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    return (done.stdout + done.stderr).decode() + f"exit {done.returncode}"


def test_promtool_has_nothing_to_say() -> None:
    """Every metric the agent can expose at all, with label values that try to break the format."""
    for text in ("ge1", 'a"} 1\nevil_total{x="', "back\\slash", "Cổng 1"):
        exposed = exposition_of(lambda text=text: every_sample(text))()
        assert promtool(exposed) == "exit 0"
        names = {line.split("{")[0] for line in exposed.decode().split("\n") if line[:1].isalpha()}
        expected = {s.series.name for s in every_sample("x")} - PUSHED_ONLY
        assert names == expected


async def test_metrics_are_the_newest_fresh_samples() -> None:
    """One line a series, counters typed as counters; results that are too old are not shown."""
    latest = Latest()
    old, new = assignment("r1"), assignment("r1", "tls")
    series = Series("device_uptime_seconds", (("device", "r1"),))
    latest.note(old, Result(True, NOW - 60, 1), [Sample(series, 1, 111.0)])
    latest.note(new, Result(True, NOW, 1), [Sample(series, 2, 222.0)])
    stale = assignment("r2")
    gone = Sample(Series(CHECK_UP.name, (("device", "r2"),)), 1, 1.0)
    latest.note(stale, Result(True, NOW - 1000, 1), [gone])
    latest.note_own(
        [
            Sample(Series("agent_push_failures_total", (("reason", "network"),)), 1, 3.0),
            Sample(Series("unheard_of", ()), 1, 1.0),
        ]
    )
    async with visiting(app_of(facts_of([], latest))) as client:
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = [line for line in answer.text.splitlines() if not line.startswith("# HELP")]
        assert lines == [
            "# TYPE device_uptime_seconds gauge",
            'device_uptime_seconds{device="r1"} 222.0',
            "# TYPE agent_push_failures_total counter",
            'agent_push_failures_total{reason="network"} 3.0',
        ]
    latest.retain([old])
    assert latest.result_of("r1", "tls") is None


async def test_a_taken_port_is_told() -> None:
    """One sentence instead of a traceback."""
    app = app_of(facts_of([], Latest()))
    server = StatusServer(app, "127.0.0.1", 0)
    await server.start()
    with pytest.raises(ConfigError, match=rf"listen 127.0.0.1:{server.port}: cannot be used"):
        StatusServer(app, "127.0.0.1", server.port)
    await server.stop()


def test_figures_that_no_device_has_proven_are_counted() -> None:
    """What a profile reads by a MIB alone is there, and the page says that it never alarms."""
    charge, volts = (
        CATALOGUE[name].reading(0.5) for name in ("battery_charge_ratio", "battery_voltage_volts")
    )
    latest, one = Latest(), assignment("ups")
    latest.note(one, Result(True, NOW, 0.1, (charge, volts), profile="delta-ups"), [])
    (line,) = page_of(facts_of([one], latest), words_in("vi"), NOW).targets[0].checks
    assert line.values == "1 số đo chưa kiểm chứng, không gây cảnh báo"
    latest.note(one, Result(True, NOW, 0.1, (charge, volts), profile="apc-ups"), [])
    (line,) = page_of(facts_of([one], latest), words_in("en"), NOW).targets[0].checks
    assert line.values == ""
