"""The heartbeat: what the agent says of itself, and when its machine started."""

from __future__ import annotations

import time
from pathlib import Path

from agent.buffer import BufferState
from agent.self_metrics import HEARTBEAT_SECONDS, SelfView, boot_time, own_version
from telemetry.catalogue import CATALOGUE, Scope


def view(buffer: BufferState | None) -> SelfView:
    return SelfView(
        version="1.2",
        booted=None if buffer is None else 500.0,
        started=900.0,
        buffer=buffer,
        push_failures={"network": 3},
        skipped={"snmp": 2},
        lateness=0.25,
        traps_refused={"malformed": 4},
        stop_clean=None if buffer is None else True,
        shutdown_clean=None if buffer is None else False,
    )


def test_the_heartbeat_bears_site_and_agent_only() -> None:
    """Every metric of the agent about itself, at one moment, with its own labels."""
    samples = view(BufferState(10, 4096, 950_000, 7, 0)).samples("office", "a1", 1000.0)
    values = {s.series.name: s.value for s in samples}
    assert set(values) == {name for name, m in CATALOGUE.items() if m.scope is Scope.AGENT}
    assert values["agent_buffer_oldest_timestamp_seconds"] == 950.0
    assert values["agent_buffer_dropped_samples_total"] == 7
    assert values["agent_boot_timestamp_seconds"] == 500
    assert (values["agent_last_stop_clean"], values["agent_last_shutdown_clean"]) == (1, 0)
    assert {s.timestamp_ms for s in samples} == {1_000_000}
    for sample in samples:
        assert sample.series.label("site") == "office"
        assert sample.series.label("agent") == "a1"
        assert set(dict(sample.series.labels)) - {"site", "agent"} == set(
            CATALOGUE[sample.series.name].labels
        )
    assert HEARTBEAT_SECONDS <= 15


def test_what_is_not_known_is_absent() -> None:
    """No boot time, no buffer, nothing waiting: no sample, never a zero in its place."""
    names = {s.series.name for s in view(None).samples("office", "a1", 1.0)}
    assert "agent_boot_timestamp_seconds" not in names
    assert not {"agent_last_stop_clean", "agent_last_shutdown_clean"} & names
    assert "agent_buffer_samples" not in names
    empty = view(BufferState(0, 4096, None, 0, 0)).samples("office", "a1", 1.0)
    assert "agent_buffer_oldest_timestamp_seconds" not in {s.series.name for s in empty}


def test_boot_time(tmp_path: Path) -> None:
    """From /proc/stat where there is one, else from the clock that counts since boot."""
    real = boot_time()
    assert real is not None
    assert 0 < real < time.time()
    stat = tmp_path / "stat"
    stat.write_text("cpu 1 2 3\nbtime 1700000000\n")
    assert boot_time(stat) == 1_700_000_000
    stat.write_text("cpu 1 2 3\nbtime\n")
    fallback = boot_time(stat)
    assert fallback is not None
    assert abs(fallback - real) < 5
    assert boot_time(tmp_path / "none", now=lambda: 10.0) is not None


def test_version() -> None:
    """The installed distribution's own."""
    assert own_version()[0].isdigit()
