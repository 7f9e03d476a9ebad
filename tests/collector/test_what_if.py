"""Other limits, tried over what was measured: by the engine, over a journal, and on the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collector.journal import Draft, EntryKind
from collector.journals.sqlite import SqliteJournal
from collector.what_if import Trial, over_journal, parse_expectations
from telemetry.errors import ConfigError
from tests.collector.engine.courier import Courier
from tests.collector.engine.timetable import START, Timetable
from tests.collector.fakes import (
    OPERATOR_TOKEN,
    Clock,
    Running,
    collector_running,
    config_in,
    wait_for,
)

PATIENT = "expectations:\n  - reachability: {critical: 40}\n"
STRICT = "expectations:\n  - device_temperature_celsius: {degraded: 45, clear: 40, for: 2m}\n"


@pytest.fixture
def courier() -> Courier:
    """A district in which a room dies for ten minutes and a router is warm all the time."""
    table = Timetable().fail("bac-binh-room", 300.0, 900.0)
    table.series("quang-son-router", "device_temperature_celsius", lambda at: 48.0, sensor="cpu")
    courier = Courier(table, 2400.0)
    courier.live(0.0, 2400.0, ("centre",))
    return courier


def tried(courier: Courier, text: str) -> Trial:
    """Everything that the courier delivered, judged on both sides."""
    trial = Trial(courier.engine.inventory, parse_expectations(text))
    for entry in courier.entries:
        trial.apply(entry)
    return trial


def test_patient_limits_miss_an_outage(courier: Courier) -> None:
    """What would not be told any more is named, and how many messages that saves."""
    result = tried(courier, PATIENT).comparison()
    assert [incident.cause for incident in result.missed] == ["device:bac-binh-room"]
    assert (result.messages_now, result.messages_then) == (2, 0)
    assert not result.added


def test_strict_limits_tell_more(courier: Courier) -> None:
    """What would be told in addition is named."""
    result = tried(courier, STRICT).comparison()
    assert not result.missed
    assert [incident.rule for incident in result.added] == ["temperature"]
    assert (result.incidents_now, result.incidents_then) == (1, 2)


def test_same_limits_change_nothing(courier: Courier) -> None:
    """The engine is the same on both sides: without a difference there is none."""
    trial = tried(courier, "expectations: []\n")
    result = trial.comparison()
    assert not result.missed
    assert not result.added
    assert trial.now == trial.then


def test_period_of_a_journal(courier: Courier, tmp_path: Path) -> None:
    """Only what was accepted in the period is judged; how far it is rises to the end."""
    journal = SqliteJournal(str(tmp_path / "journal"))
    try:
        journal.append([Draft(e.kind, e.at_ms, e.source, e.payload) for e in courier.entries])
        inventory = courier.engine.inventory.to_json().encode()
        at_ms = round((START + 1000.0) * 1000)
        journal.append([Draft(EntryKind.TICK, courier.entries[-1].at_ms, "", b"")])
        whole = Trial(courier.engine.inventory, parse_expectations(PATIENT))
        first, last = courier.entries[0].at_ms, courier.entries[-1].at_ms
        done = list(over_journal(whole, journal, first, last))
        assert done == sorted(done)
        assert done[-1] == 1.0
        assert whole.comparison() == tried(courier, PATIENT).comparison()
        part = Trial(courier.engine.inventory, parse_expectations(PATIENT))
        assert list(over_journal(part, journal, at_ms, last))
        assert not part.comparison().missed
        journal.append([Draft(EntryKind.INVENTORY, last, "folder", inventory)])
        again = Trial(courier.engine.inventory, parse_expectations(PATIENT))
        assert list(over_journal(again, journal, first, last))
        assert again.comparison().missed == whole.comparison().missed
    finally:
        journal.close()


def test_wrong_limits() -> None:
    """What cannot be read is one sentence with line and key, and no path of ours."""
    with pytest.raises(ConfigError, match=r"^expectations.yaml.*line 2.*reachability"):
        parse_expectations("expectations:\n  - reachabilty: {critical: 3}\n")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A district whose switch was dead for a while."""
    config = config_in(tmp_path_factory.mktemp("collector"))
    with collector_running(config, Clock()) as running:
        running.measure(4)
        running.measure(6, gone={"switch", "room", "pc"})
        running.measure(6)
        yield running


def send(district: Running, text: str, token: str = OPERATOR_TOKEN) -> httpx.Response:
    fields = {"expectations": text, "days": "1", "token": token}
    return district.http.post("/what-if", data=fields)


def test_form(district: Running) -> None:
    """The form explains itself, in both languages, and is linked from the incidents."""
    assert "Thử ngưỡng khác" in district.http.get("/what-if").text
    english = district.http.get("/en/what-if").text
    assert "Try other limits" in english
    assert "vc_endpoint" in english
    assert 'href="/what-if"' in district.http.get("/incidents").text


def test_refused(district: Running) -> None:
    """Without a token nothing runs; limits that cannot be read come back with the sentence."""
    refused = send(district, PATIENT, token="guess")
    assert refused.status_code == 403
    assert "reachability: {critical: 40}" in html.unescape(refused.text)
    wrong = send(district, "expectations: [{for: {class: <b>}}]")
    assert wrong.status_code == 400
    assert "<b>" not in wrong.text
    assert district.http.get("/what-if/never").status_code == 404


def test_trial(district: Running) -> None:
    """The trial runs beside everything else and says in the end what would have been."""
    begun = send(district, PATIENT)
    assert begun.status_code == 303
    address = begun.headers["location"]
    second = send(district, PATIENT)
    running = 'http-equiv="refresh"' in district.http.get(address).text
    assert second.status_code == (409 if running else second.status_code)
    district.measure(1)
    wait_for(lambda: 'http-equiv="refresh"' not in district.http.get(address).text, 60.0)
    said = district.http.get(address).text
    assert re.search(r"Với các ngưỡng này trong 1 ngày qua: 2 tin nhắn → 0\.", said)
    assert "không trả lời" in said
    assert "<script>alert" not in said
    assert "With these limits" in district.http.get("/en" + address).text
