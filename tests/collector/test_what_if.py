"""Other limits, tried over what was measured: by the engine, over a journal, and on the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from collector.journal import Draft, EntryKind
from collector.journals.sqlite import SqliteJournal
from collector.web.what_if import MAX_FILE_BYTES, MAX_FORM_BYTES
from collector.what_if import Tally, Trial, compare, over_journal, parse_expectations
from telemetry.errors import ConfigError
from tests.collector.engine.courier import Courier
from tests.collector.engine.timetable import START, Timetable
from tests.collector.engine.timetable import district as timetable_district
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
EAGER = """\
expectations:
  - for: {device: pc}
    icmp_rtt_median_seconds: {degraded: 0.003, clear: 0.001, for: 30s}
"""


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
    trial = Trial(
        courier.engine.inventory, parse_expectations(text.encode(), courier.engine.inventory)
    )
    for entry in courier.entries:
        trial.apply(entry)
    return trial


def test_patient_limits_miss_an_outage(courier: Courier) -> None:
    """What would not be told any more is named, and how many messages that saves."""
    result = tried(courier, PATIENT).comparison()
    assert [incident.cause for incident in result.missed] == ["device:bac-binh-room"]
    assert (result.messages_now, result.messages_then) == (2, 0)
    assert not result.added
    assert not result.kept


def test_strict_limits_tell_more(courier: Courier) -> None:
    """What would be told in addition is named."""
    result = tried(courier, STRICT).comparison()
    assert not result.missed
    assert [incident.rule for incident in result.added] == ["temperature"]
    assert [incident.cause for incident in result.kept] == ["device:bac-binh-room"]
    assert (result.incidents_now, result.incidents_then) == (1, 2)


def test_a_missed_outage_is_not_covered_by_another() -> None:
    """Two boxes of one office die one after the other: the limits of the one say nothing of the other."""
    table = Timetable().fail("bac-binh-ups", 300.0, 1500.0).fail("bac-binh-room", 600.0, 900.0)
    courier = Courier(table, 2400.0)
    courier.live(0.0, 2400.0, ("centre",))
    patient = "expectations:\n  - {for: {device: bac-binh-room}, reachability: {critical: 40}}\n"
    result = tried(courier, patient).comparison()
    assert [incident.cause for incident in result.missed] == ["device:bac-binh-room"]
    assert [incident.cause for incident in result.kept] == ["device:bac-binh-ups"]
    assert not result.added


def test_another_cause_is_the_same_trouble(courier: Courier) -> None:
    """What is only laid to another cause is neither missed nor new."""
    told = tried(courier, STRICT).then
    renamed = {
        name: replace(incident, cause="site:bac-binh")
        if incident.rule == "reachability"
        else incident
        for name, incident in told.told.items()
    }
    result = compare(told, Tally(told.messages, renamed))
    assert not result.missed
    assert not result.added
    assert [incident.rule for incident in result.kept] == ["reachability", "temperature"]


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
        whole = Trial(
            courier.engine.inventory, parse_expectations(PATIENT.encode(), courier.engine.inventory)
        )
        first, last = courier.entries[0].at_ms, courier.entries[-1].at_ms
        done = list(over_journal(whole, journal, first, last))
        assert done == sorted(done)
        assert done[-1] == 1.0
        assert whole.comparison() == tried(courier, PATIENT).comparison()
        part = Trial(
            courier.engine.inventory, parse_expectations(PATIENT.encode(), courier.engine.inventory)
        )
        assert list(over_journal(part, journal, at_ms, last))
        assert not part.comparison().missed
        journal.append([Draft(EntryKind.INVENTORY, last, "folder", inventory)])
        again = Trial(
            courier.engine.inventory, parse_expectations(PATIENT.encode(), courier.engine.inventory)
        )
        assert list(over_journal(again, journal, first, last))
        assert again.comparison().missed == whole.comparison().missed
    finally:
        journal.close()


WRONG = [
    (
        b"expectations:\n  - reachabilty: {critical: 3}\n",
        r"^limits\.yaml, line 2, .*reachabilty.*did you mean \"reachability\"",
    ),
    (
        b"expectations:\n  - for: {device: bac-binh-rom}\n    reachability: {critical: 3}\n",
        r"^limits\.yaml, line 2, .*for\.device: .*found \"bac-binh-rom\"; did you mean \"bac-binh-room\"",
    ),
    (
        b"expectations:\n  - for: {site: nowhere}\n    reachability: {critical: 3}\n",
        r"^limits\.yaml, line 2, .*for\.site: expected the id of a site, found \"nowhere\"",
    ),
    (
        b"expectations:\n  - device_temperature_celsius: {degraded: 90}\n",
        r"^limits\.yaml, line 2, .*device_temperature_celsius: .*degraded \(90\) not above critical",
    ),
    (b"expectation: []\n", r"^limits\.yaml, line 1, .*did you mean \"expectations\""),
    (b"expectations: [\n", r"^limits\.yaml.*not valid YAML"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", r"^limits\.yaml.*UTF-8"),
    (b"", r"^limits\.yaml.*expectations"),
]


@pytest.mark.parametrize(("content", "sentence"), WRONG)
def test_wrong_limits(content: bytes, sentence: str) -> None:
    """What cannot be read, or is meant for nobody here, is one sentence with file, line and key, and
    no path of ours.
    """
    with pytest.raises(ConfigError, match=sentence) as raised:
        parse_expectations(content, timetable_district(), "limits.yaml")
    assert "sent.yaml" not in str(raised.value)
    assert "/" not in str(raised.value).partition(":")[0]


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


def upload(
    district: Running, content: bytes, name: str = "limits.yaml", token: str = OPERATOR_TOKEN
) -> httpx.Response:
    """The form as a browser sends it: with a file, and the example still in the field above."""
    fields = {"expectations": "expectations: []\n", "days": "1", "token": token}
    return district.http.post(
        "/what-if", data=fields, files={"file": (name, content, "application/yaml")}
    )


def finished(district: Running, address: str) -> str:
    """The page of a trial that has come to its end."""
    wait_for(lambda: 'http-equiv="refresh"' not in district.http.get(address).text, 60.0)
    return district.http.get(address).text


def test_file_is_refused(district: Running) -> None:
    """A bad file is one sentence under its own name, and what is in it can be mended on the page."""
    form = district.http.get("/what-if").text
    assert 'enctype="multipart/form-data"' in form
    assert 'type="file"' in form
    wrong = upload(
        district, b"expectations:\n  - for: {device: swich}\n    reachability: {critical: 3}\n"
    )
    assert wrong.status_code == 400
    said = html.unescape(wrong.text)
    assert "limits.yaml, line 2, key expectations[0].for.device: " in said
    assert 'found "swich"; did you mean "switch"?' in said
    assert "for: {device: swich}" in said
    picture = upload(district, b"\x89PNG\r\n\x1a\n\x00", name="C:\\me\\<b>.png")
    assert picture.status_code == 400
    assert "<b>" not in picture.text
    assert html.unescape(picture.text).count("<b>.png") == 1
    assert "C:" not in picture.text
    assert upload(district, PATIENT.encode(), token="guess").status_code == 403


def test_file_is_too_large(district: Running) -> None:
    """Up to some size a sentence on the page says so; beyond it nothing is read any further."""
    large = upload(district, b"# " + b"x" * MAX_FILE_BYTES, name="dump.sql")
    assert large.status_code == 413
    assert "dump.sql lớn hơn 64 kB" in large.text
    assert upload(district, b"x" * MAX_FORM_BYTES).status_code == 413


BROKEN = [
    ("multipart/form-data", b"", "where its parts end"),
    ("multipart/form-data; boundary=" + "x" * 71, b"", "where its parts end"),
    ("multipart/form-data; boundary=x", b"", "breaks off"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n", "breaks off"),
    ("multipart/form-data; boundary=x", b"--x\r\nnothing\r\n--x--\r\n", "no end of its head"),
    ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nc\r\n--x--\r\n", "no name"),
    ("multipart/form-data; boundary=x", b"--x\r\n" * 30 + b"\r\n--x--", "more than 20 parts"),
]


@pytest.mark.parametrize(("kind", "body", "sentence"), BROKEN)
def test_broken_form(district: Running, kind: str, body: bytes, sentence: str) -> None:
    """A form that no browser sends is refused with a sentence."""
    answer = district.http.post("/what-if", content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert sentence in answer.text


def test_file_is_tried(district: Running) -> None:
    """A file goes before the field; the picture shows what would be new, and when."""
    begun = upload(district, b"\xef\xbb\xbf" + EAGER.encode())
    assert begun.status_code == 303
    said = finished(district, begun.headers["location"])
    assert "1 được báo thêm" in said
    assert re.search(r'<rect class="added" x="[0-9.]+" y="0" width="[0-9.]+"', said)
    assert re.search(r'<rect class="kept" ', said)
    assert '<rect class="missed"' not in said


def test_trial(district: Running) -> None:
    """The trial runs beside everything else and says in the end what would have been."""
    begun = send(district, PATIENT)
    assert begun.status_code == 303
    address = begun.headers["location"]
    second = send(district, PATIENT)
    running = 'http-equiv="refresh"' in district.http.get(address).text
    assert second.status_code == (409 if running else second.status_code)
    district.measure(1)
    said = finished(district, address)
    assert re.search(r"Với các ngưỡng này trong 1 ngày qua: 2 tin nhắn → 0\.", said)
    assert "Sự cố: 1 bị bỏ sót, 0 được báo thêm, 0 vẫn được báo." in said
    assert re.search(r'<rect class="missed" x="[0-9.]+" y="0" width="[0-9.]+"', said)
    assert "không trả lời" in said
    assert "<script>alert" not in said
    assert "With these limits" in district.http.get("/en" + address).text
