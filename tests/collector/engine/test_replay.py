"""`ltmon collector replay`: what the engine would have said about recorded samples."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest

from collector.replay import replay_command
from collector.sample_files import Recording, SampleFileError
from telemetry.errors import ConfigError
from tests.collector.engine.timetable import START, Timetable, run

UNTIL = 1500.0

INVENTORY = """
district: {id: lap-thach, name: Huyện Lập Thạch, timezone: Asia/Ho_Chi_Minh, language: vi}
sites:
  - {id: bac-binh, name: UBND xã Bắc Bình, kind: commune}
devices:
  - {id: bac-binh-router, site: bac-binh, class: router, address: 10.11.1.1}
  - {id: bac-binh-switch, site: bac-binh, class: lan_switch, address: 10.11.1.2, parents: [bac-binh-router]}
  - {id: bac-binh-room, site: bac-binh, class: vc_endpoint, address: 10.11.1.3, parents: [bac-binh-switch]}
"""


def write_samples(table: Timetable, path: Path) -> int:
    """Writes the timetable as an export, a series a line; returns the number of samples."""
    series: dict[object, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    samples = table.samples(UNTIL)
    for sample in samples:
        stamps, values = series[sample.series]
        stamps.append(sample.timestamp_ms)
        values.append(sample.value)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as stream:
        for key, (stamps, values) in series.items():
            metric = {"__name__": key.name, **dict(key.labels)}  # type: ignore[attr-defined]
            stream.write(
                json.dumps({"metric": metric, "values": values, "timestamps": stamps}) + "\n"
            )
    return len(samples)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small inventory."""
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "district.yaml").write_text(INVENTORY, encoding="utf-8")
    return inventory


def small_table(folder: Path) -> Timetable:
    from inventory.load import load_inventory

    return Timetable(inventory=load_inventory(folder)).fail("bac-binh-switch", 300.0, 900.0)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The lines that the command printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Events in order of event time with the fields of the contract, then the summary."""
    count = write_samples(small_table(folder), tmp_path / "samples.jsonl")
    assert replay_command(folder, [tmp_path / "samples.jsonl"], None, True) == 0
    *events, summary = told(capsys)
    assert [e["event"] for e in events] == [
        "finding_opened",
        "incident_opened",
        "notification",
        "finding_closed",
        "incident_resolved",
        "notification",
    ]
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)
    opened = events[1]
    assert opened["cause"] == "device:bac-binh-switch"
    assert (opened["device"], opened["site"]) == ("bac-binh-switch", "bac-binh")
    assert (opened["state"], opened["severity"], opened["rule"]) == (
        "down",
        "critical",
        "reachability",
    )
    assert opened["affected"] == ["bac-binh-room"]
    assert opened["reason"] != opened["reason_en"]
    assert summary["event"] == "summary"
    assert summary["samples"] == count
    assert summary["incidents"] == 1
    for spent in summary["devices"].values():  # type: ignore[attr-defined]
        assert sum(spent.values()) == pytest.approx(summary["until"] - summary["from"], abs=0.1)
    assert summary["devices"]["bac-binh-switch"]["down"] == pytest.approx(600.0, abs=30.0)  # type: ignore[index]


def test_same_bytes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Plain or gzip, in one file or two, whichever way round: the same bytes."""
    write_samples(small_table(folder), tmp_path / "whole.jsonl")
    write_samples(small_table(folder), tmp_path / "whole.jsonl.gz")
    lines = (tmp_path / "whole.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "a").write_text("".join(lines[::2]))
    (tmp_path / "b").write_text("".join(lines[1::2]))
    outputs = set()
    for names in (["whole.jsonl"], ["whole.jsonl.gz"], ["a", "b"], ["b", "a"]):
        replay_command(folder, [tmp_path / name for name in names], None, True)
        outputs.add(capsys.readouterr().out)
    assert len(outputs) == 1


def test_live_and_replay_agree(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The recording gives the incidents that the live engine gave."""
    table = small_table(folder)
    write_samples(table, tmp_path / "samples.jsonl")
    replay_command(folder, [tmp_path / "samples.jsonl"], None, True)
    opened = [line for line in told(capsys) if line["event"] == "incident_opened"]
    _, events = run(table, UNTIL)
    live = [e.incident for e in events if e.incident and e.kind == "incident_opened"]
    assert [(o["cause"], o["at"]) for o in opened] == [(i.cause, i.opened_at) for i in live]


def test_expectations_can_be_tried(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of expectations is laid over the inventory's for this run."""
    table = Timetable(inventory=small_table(folder).inventory)
    table.series("bac-binh-router", "device_temperature_celsius", lambda at: 48.0, sensor="cpu")
    write_samples(table, tmp_path / "samples.jsonl")
    assert replay_command(folder, [tmp_path / "samples.jsonl"], None, True) == 0
    strict = tmp_path / "strict.yaml"
    strict.write_text(
        "expectations:\n  - device_temperature_celsius: {degraded: 45, clear: 40, for: 2m}\n"
    )
    assert replay_command(folder, [tmp_path / "samples.jsonl"], strict, True) == 0
    assert any(line.get("rule") == "temperature" for line in told(capsys))
    assert replay_command(folder, [tmp_path / "samples.jsonl"], strict, False) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-4:-1] == [
        "Với các ngưỡng này: 0 tin nhắn → 1.",
        "Sự cố: 0 bị bỏ sót, 1 được báo thêm, 0 vẫn được báo.",
        "Những sự cố này sẽ được báo thêm:",
    ]
    assert "bac-binh-router quá nóng: " in said[-1]
    strict.write_text("expectations:\n  - device_temprature_celsius: {degraded: 45}\n")
    with pytest.raises(ConfigError, match=r"strict.yaml.*line 2.*device_temperature_celsius"):
        replay_command(folder, [tmp_path / "samples.jsonl"], strict, True)


def test_in_words(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json a person reads a line an event."""
    write_samples(small_table(folder), tmp_path / "samples.jsonl")
    replay_command(folder, [tmp_path / "samples.jsonl"], None, False)
    out = capsys.readouterr().out
    assert "device:bac-binh-switch" in out
    assert out.splitlines()[-1].endswith("1 incidents, 3 devices")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{]", r"bad.jsonl, line 1: expected one JSON object a line"),
        ('{"metric": {}, "values": [], "timestamps": []}', r"bad.jsonl, line 1: expected"),
        ('\n{"metric": {"__name__": "a"}, "values": [1], "timestamps": []}', r"line 2: expected"),
        ("[1]", r"line 1: expected"),
    ],
)
def test_bad_file(tmp_path: Path, content: str, sentence: str) -> None:
    """A broken file is one sentence with file and line."""
    bad = tmp_path / "bad.jsonl"
    bad.write_text(content)
    with pytest.raises(SampleFileError, match=sentence):
        Recording([bad])


def test_missing_and_torn_files(tmp_path: Path) -> None:
    """A file that is not there, or a gzip that ends in the middle, is one sentence."""
    with pytest.raises(SampleFileError, match=r"nothing.jsonl cannot be read"):
        Recording([tmp_path / "nothing.jsonl"])
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b'{"metric": {"__name__": "a"}}' * 1000)[:40])
    with pytest.raises(SampleFileError, match=r"torn.gz cannot be read"):
        Recording([torn])


def test_unordered_and_repeated_lines(tmp_path: Path) -> None:
    """Parts of a series in any order are put in order; slices cover all of it."""
    path = tmp_path / "parts.jsonl"
    base = round(START * 1000)
    rows = [
        {
            "metric": {"__name__": "a"},
            "values": [3, None],
            "timestamps": [base + 30_000, base + 20_000],
        },
        {"metric": {"__name__": "a"}, "values": [1], "timestamps": [base]},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    with Recording([path]) as recording:
        seen = [stamp - base for _, rows in recording.slices() for stamp, _, _ in rows]
        assert seen == [0, 20_000, 30_000]
        assert recording.sample_count == 3


def test_empty_file(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No samples, no verdicts, and still a summary."""
    (tmp_path / "empty").write_text("")
    assert replay_command(folder, [tmp_path / "empty"], None, True) == 0
    assert told(capsys)[-1]["samples"] == 0


def test_recording_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    """Series of many samples, in parts that overlap, come in order of time, each sample once a part."""
    base = round(START * 1000)
    whole = [base + 1000 * number for number in range(3000)]
    parts = {"one": (whole[:1700], whole[1500:]), "two": (whole[2000:], whole[:2000])}
    path = tmp_path / "long.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for name, columns in parts.items():
            for stamps in columns:
                row = {"metric": {"__name__": name}, "values": stamps, "timestamps": stamps}
                stream.write(json.dumps(row) + "\n")
    with Recording([path]) as recording:
        assert recording.sample_count == 3200 + 3000
        rows = [row for _, rows in recording.slices() for row in rows]
    assert [stamp for stamp, _, _ in rows] == sorted(stamp for stamp, _, _ in rows)
    assert all(stamp == value for stamp, _, value in rows)
    assert sorted({stamp for stamp, series, _ in rows if series.name == "two"}) == whole


def test_numbers_as_some_write_them(tmp_path: Path) -> None:
    """Timestamps with a fraction and values that are null are taken."""
    path = tmp_path / "odd.jsonl"
    path.write_text(
        '{"metric": {"__name__": "a"}, "values": [null, 2], "timestamps": [1.7e12, 1700000001000]}'
    )
    with Recording([path]) as recording:
        ((_, _, first), (stamp, _, second)) = [r for _, rows in recording.slices() for r in rows]
    assert first != first
    assert (stamp, second) == (1_700_000_001_000, 2.0)


def test_order_of_event_time(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where silence is judged between measurements: every line after those before it, and each
    says to which incident and cause it belongs.
    """
    table = small_table(folder)
    everything = tuple(device.id for device in table.inventory.devices)
    table.agents = {"centre": everything[:1], "bac-binh": everything[1:]}
    table.offline = {"bac-binh": [(400.0, 800.0)]}
    table.series("bac-binh-router", "device_temperature_celsius", lambda at: 80.0, sensor="cpu")
    write_samples(table, tmp_path / "samples.jsonl")
    replay_command(folder, [tmp_path / "samples.jsonl"], None, True)
    *events, _ = told(capsys)
    assert {e["rule"] for e in events} >= {"reachability", "agent_silent", "temperature"}
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)
    for event in events:
        kind, _, name = event["cause"].partition(":")
        assert kind in {"device", "link", "site", "agent"}
        assert name
        assert event["incident"]
