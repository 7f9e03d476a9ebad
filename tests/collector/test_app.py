"""The collector as a whole: from a push to a mail on somebody's desk, through restarts and crashes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default as email_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from collector.app import running_collector
from collector.config import CollectorConfig, Listen
from collector.evaluate import Engine
from collector.inventory_folder import fingerprint
from collector.journal import Draft, EntryKind
from collector.journals import open_journal
from collector.judging import Judging, wake_engine
from collector.log import FieldFormatter
from collector.serving import open_socket
from collector.upkeep import Upkeep
from collector.watchdog import feed_watchdog
from telemetry import catalogue as c
from telemetry.errors import ConfigError, DatabaseError, JournalError
from telemetry.remotewrite import compress, encode
from telemetry.sample import batch_of
from tests.collector.fakes import (
    AGENT_TOKEN,
    IMAGE,
    OPERATOR_TOKEN,
    START,
    Clock,
    collector_running,
    config_in,
    wait_for,
    write_district,
)

GONE = {"switch", "room", "pc"}


class Desk:
    """A mail server in a thread; `mails` is what has landed on the desk."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.port = 0

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=email_policy))
        return "250 taken"


@pytest.fixture
def desk() -> Iterator[Desk]:
    found, ready, stop = Desk(), threading.Event(), threading.Event()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(found, enable_SMTPUTF8=True), "127.0.0.1", 0)
        found.port = server.sockets[0].getsockname()[1]
        ready.set()
        await asyncio.to_thread(stop.wait)
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    yield found
    stop.set()
    thread.join()


def mail_channel(desk: Desk) -> str:
    settings = f"host: 127.0.0.1, port: {desk.port}, security: none, from: giamsat@lapthach.example"
    return f"channels: {{email: {{{settings}}}}}"


def test_from_a_push_to_a_mail(tmp_path: Path, desk: Desk) -> None:
    """A dead switch is one incident and one mail with what to do; its end is a second one."""
    with collector_running(config_in(tmp_path, mail_channel(desk)), Clock()) as running:
        running.measure(4)
        running.measure(5, GONE)
        wait_for(lambda: len(desk.mails) == 1)
        running.measure(6)
        wait_for(lambda: len(desk.mails) == 2)
        incidents = running.http.get("/api/v1/incidents?state=all").json()
    assert [incident["cause"] for incident in incidents] == ["device:switch"]
    first, second = desk.mails
    assert first["to"] == "hoa@lapthach.example"
    assert first["subject"] == f"Nghiêm trọng: {IMAGE} không trả lời"
    text = first.get_body(("plain",)).get_content()
    assert "thêm 2 thiết bị bị ngắt" in text
    assert "Nên thử trước: Xem đèn nguồn" in text
    assert f"https://giamsat.lapthach.example/incidents/{incidents[0]['id']}" in text
    assert "<img" not in first.get_body(("html",)).get_content()
    assert second["subject"].startswith("Đã xong: ")


def test_a_restart_forgets_nothing_and_repeats_nothing(tmp_path: Path, desk: Desk) -> None:
    """Open incidents are still open and acknowledged, and nobody is told again."""
    config, clock = config_in(tmp_path, mail_channel(desk)), Clock()
    with collector_running(config, clock) as running:
        running.measure(4)
        running.measure(5, GONE)
        wait_for(lambda: len(desk.mails) == 1)
        (before,) = running.http.get("/api/v1/incidents").json()
        answer = running.http.post(
            f"/api/v1/incidents/{before['id']}/acknowledge",
            json={"note": "Đang đến"},
            headers={"Authorization": f"Bearer {OPERATOR_TOKEN}"},
        )
        assert answer.status_code == 200
        entries = running.collector.journal.last_seq()
    with collector_running(config, clock) as running:
        assert running.collector.judging.saved_seq in (0, entries)
        (after,) = running.http.get("/api/v1/incidents").json()
        assert (after["id"], after["state"]) == (before["id"], "acknowledged")
        running.measure(2, GONE)
        assert len(running.http.get("/api/v1/incidents").json()) == 1
        kinds = [entry.kind for entry in running.collector.journal.read()]
        assert kinds.count(EntryKind.INVENTORY) == 1
    assert len(desk.mails) == 1


def test_without_snapshots_the_journal_says_it_all(tmp_path: Path, desk: Desk) -> None:
    """A snapshot that no program can read is passed over; the same events come out of the journal."""
    config, clock = config_in(tmp_path, mail_channel(desk)), Clock()
    with collector_running(config, clock) as running:
        running.measure(4)
        running.measure(5, GONE)
        wait_for(lambda: len(desk.mails) == 1)
        (before,) = running.http.get("/api/v1/incidents").json()
    database = config.state_dir / "collector.db"
    broken = "UPDATE snapshots SET engine = CAST('{}' AS BLOB)"
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sqlite3; c = sqlite3.connect({str(database)!r});"
            f' c.execute("{broken}"); c.commit()',
        ],
        check=True,
    )
    with collector_running(config, clock) as running:
        (after,) = running.http.get("/api/v1/incidents").json()
        assert after == before
        history = running.http.get(f"/api/v1/incidents/{before['id']}").json()["history"]
        assert [step["event"] for step in history].count("incident_opened") == 1
    assert len(desk.mails) == 1


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """kill -9 in the middle: what was acknowledged is in the journal once, and judged afterwards."""
    config_in(tmp_path)
    file = tmp_path / "collector.yaml"
    port = free_port()
    file.write_text(
        file.read_text(encoding="utf-8").replace(":0\n", f":{port}\n"), encoding="utf-8"
    )
    url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {AGENT_TOKEN}"}
    acknowledged = 0
    for round_ in range(2):
        process = started(file)
        try:
            wait_for(lambda: answers(url))
            for number in range(5):
                body = push_body(round_ * 5 + number)
                answer = httpx.post(f"{url}/api/v1/write", content=body, headers=headers)
                assert answer.status_code == 204
                acknowledged += 1
        finally:
            process.kill()
            process.communicate()
    journal = open_journal(f"sqlite:///{tmp_path / 'state' / 'journal.db'}")
    try:
        kept = [e for e in journal.read(limit=100_000) if e.kind is EntryKind.SAMPLES]
    finally:
        journal.close()
    assert len(kept) == acknowledged == 10
    process = started(file)
    try:
        wait_for(lambda: answers(url))
        latest = httpx.get(f"{url}/api/v1/devices/core").json()["latest"]
        assert {r["value"] for r in latest if r["metric"] == "icmp_rtt_median_seconds"} == {9.0}
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def push_body(number: int) -> bytes:
    """One sample, at the real time, whose value is its number."""
    identity = {"site": "centre", "device": "core", "class": "router", "agent": "centre"}
    at_ms = int(time.time() * 1000) + number
    samples = [c.ICMP_RTT_MEDIAN.reading(number).sample(identity, at_ms)]
    return compress(encode(batch_of(samples)))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/-/ready").status_code == 200
    return False


def started(file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "collector", str(file)], stderr=subprocess.PIPE, text=True
    )


def test_a_process_stops_cleanly(tmp_path: Path) -> None:
    """SIGHUP reads the inventory anew, SIGINT stops with 0 and without a traceback."""
    config_in(tmp_path)
    file = tmp_path / "collector.yaml"
    port = free_port()
    file.write_text(
        file.read_text(encoding="utf-8").replace(":0\n", f":{port}\n"), encoding="utf-8"
    )
    process = started(file)
    wait_for(lambda: answers(f"http://127.0.0.1:{port}"))
    district = tmp_path / "inventory" / "district.yaml"
    text = district.read_text(encoding="utf-8")
    district.write_text(text.replace("people: 40", "people: 42"), encoding="utf-8")
    process.send_signal(signal.SIGHUP)
    url = f"http://127.0.0.1:{port}/api/v1/sites"
    wait_for(lambda: any(site["people"] == 42 for site in httpx.get(url).json()))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "the collector stops" in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [([], "usage:"), (["/nowhere.yaml"], "/nowhere.yaml")],
)
def test_a_process_that_cannot_start(arguments: list[str], sentence: str) -> None:
    """One sentence and exit code 2."""
    done = subprocess.run(
        [sys.executable, "-m", "collector", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_only_one_on_a_state_folder(tmp_path: Path) -> None:
    """A second collector on the same state would tell everything twice."""
    config = config_in(tmp_path)
    with (
        collector_running(config, Clock()),
        pytest.raises(ConfigError, match="another collector runs"),
        collector_running(config, Clock()),
    ):
        pass
    with collector_running(config, Clock()) as running:
        assert running.http.get("/-/healthy").status_code == 200
    assert (config.state_dir.stat().st_mode & 0o777) == 0o700


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """One sentence that names the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listen = (Listen(host="127.0.0.1", port=port),)
        config = config_in(tmp_path).model_copy(update={"listen": listen})
        with (
            pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}"),
            collector_running(config, Clock()),
        ):
            pass


def test_sockets_of_every_kind() -> None:
    """IPv4, IPv6, both, and one that somebody else opened."""
    for listen in (Listen(host="127.0.0.1"), Listen(host="::1"), Listen()):
        with open_socket(listen) as opened:
            assert opened.getsockname()[1] > 0
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        inherited = os.dup(theirs.fileno())
        with open_socket(Listen(fd=inherited)) as opened:
            assert opened.getsockname() == theirs.getsockname()
    with pytest.raises(ConfigError, match="cannot listen on socket 999"):
        open_socket(Listen(fd=999))


def test_time_passes_without_samples(tmp_path: Path) -> None:
    """Ticks go through the journal, so that silence is noticed."""
    with collector_running(config_in(tmp_path), Clock()) as running:
        running.measure(8)  # long enough to be known as one that speaks every half minute
        for _ in range(12):
            running.clock.now += 30
            wait_for(lambda: running.collector.judging.engine.now >= running.clock.now)
        assert [i["cause"] for i in running.http.get("/api/v1/incidents").json()] == [
            "agent:centre"
        ]
        states = {d["state"] for d in running.http.get("/api/v1/devices?site=bac-binh").json()}
        assert states <= {"not_measured", "unreachable"}
        assert "số thiết bị chưa đo được" in running.http.get("/").text


def test_an_entry_that_cannot_be_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One entry that trips the engine is logged, counted and told; the next are judged."""
    apply = Engine.apply
    tripped: list[Any] = []

    def trips(self: Engine, entry: Any) -> Any:
        found = apply(self, entry)
        if entry.kind is EntryKind.SILENCE and not tripped:
            tripped.append(entry)
            raise ValueError("a bug in a rule")
        return found

    monkeypatch.setattr(Engine, "apply", trips)
    with collector_running(config_in(tmp_path), Clock()) as running:
        headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
        body = {"what": "site:centre", "until": START + 9e6}
        running.http.post("/api/v1/silences", json=body, headers=headers)
        running.measure(3)
        assert running.collector.judging.failures == 1
        assert "Có số liệu không xử lý được" in running.http.get("/").text
        assert running.http.get("/api/v1/devices/core").json()["state"] == "up"
    assert "a bug in a rule" in caplog.text


def test_a_database_that_is_away_holds_the_judging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was judged is not forgotten: the engine waits, and no snapshot runs ahead of it."""
    monkeypatch.setattr("collector.judging.RETRY_SECONDS", 0.02)
    with collector_running(config_in(tmp_path), Clock()) as running:
        running.measure(4)
        store, judging = running.collector.store, running.collector.judging
        record, refused = store.record, threading.Event()

        def fails(*_: Any) -> Any:
            refused.set()
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(store, "record", fails)
        pusher = threading.Thread(target=lambda: running.measure(6, GONE))
        pusher.start()
        refused.wait(20)
        saved = asyncio.run_coroutine_threadsafe(judging.save_snapshot(), running.loop)
        monkeypatch.setattr(store, "record", record)
        pusher.join(30)
        saved.result(20)
        (incident,) = running.http.get("/api/v1/incidents").json()
        assert running.http.get(f"/api/v1/incidents/{incident['id']}").json()["history"]


def test_a_journal_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again; nothing stops for good."""
    monkeypatch.setattr("collector.judging.RETRY_SECONDS", 0.02)
    with collector_running(config_in(tmp_path), Clock()) as running:
        journal = running.collector.journal
        read, failed = journal.read, threading.Event()

        def fails(*_: Any, **__: Any) -> Any:
            failed.set()
            raise JournalError("the disk is gone")

        monkeypatch.setattr(journal, "read", fails)
        pusher = threading.Thread(target=lambda: running.measure(2))
        pusher.start()
        failed.wait(20)
        monkeypatch.setattr(journal, "read", read)
        pusher.join(30)
        assert running.http.get("/api/v1/devices/core").json()["state"] == "up"


def test_old_entries_are_given_up(tmp_path: Path) -> None:
    """Those older than the time to keep, and not before snapshot and stores are past them."""
    journal = open_journal(f"sqlite:///{tmp_path / 'journal.db'}")
    clock, needed = Clock(), [0]
    for minute in range(10):
        journal.append([Draft(EntryKind.TICK, int((START + minute * 60) * 1000), "", b"")])
    upkeep = Upkeep(journal, 300.0, lambda: needed[0], clock)
    clock.now = START + 600
    assert upkeep.turn() == 0
    needed[0] = 3
    assert upkeep.turn() == 2
    needed[0] = 100
    assert upkeep.turn() == 3
    assert [entry.seq for entry in journal.read()] == [6, 7, 8, 9, 10]
    journal.close()


def test_a_new_engine_without_snapshots(tmp_path: Path) -> None:
    """An empty state folder starts with an empty engine and the inventory of the folder."""
    with collector_running(config_in(tmp_path), Clock()) as running:
        store, folder = running.collector.store, running.collector.folder
        asyncio.run_coroutine_threadsafe(
            running.collector.judging.save_snapshot(), running.loop
        ).result(20)
        again = wake_engine(store, folder.current)
        assert again.seq == running.collector.judging.saved_seq > 0
        assert again.inventory.to_json() == folder.current.to_json()


def test_the_fingerprint_of_a_folder(tmp_path: Path) -> None:
    """Changes with any file, and stays when nothing does."""
    write_district(tmp_path)
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    (tmp_path / "more.yaml").write_text("sites: []\n", encoding="utf-8")
    assert fingerprint(tmp_path) != before


class Watch(BaseHTTPRequestHandler):
    """Notes who called."""

    called = threading.Event()

    def do_GET(self) -> None:
        self.called.set()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.mark.anyio
async def test_the_watchdog_is_fed_while_the_engine_turns() -> None:
    """And not while it stands still: silence raises the alarm at the other end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Watch)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    turns, asked = [False], asyncio.Event()

    def turned_lately() -> bool:
        asked.set()
        return turns[0]

    task = asyncio.create_task(feed_watchdog(url, turned_lately, 0.01))
    try:
        async with asyncio.timeout(20):
            await asked.wait()
            await asyncio.sleep(0)
            assert not Watch.called.is_set()
            turns[0] = True
            assert await asyncio.to_thread(Watch.called.wait, 20)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.anyio
async def test_an_app_inside_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same app starts in a test's own loop, and a task that breaks ends it loudly."""
    async with running_collector(config_in(tmp_path), Clock()) as collector:
        assert collector.ports[0] > 0
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{collector.ports[0]}/-/healthy")
        assert answer.status_code == 200

    async def breaks(self: Judging) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Judging, "run", breaks)
    with pytest.raises(ExceptionGroup):
        await run_for_ever(config_in(tmp_path))


async def run_for_ever(config: CollectorConfig) -> None:
    async with running_collector(config, Clock()):
        await asyncio.Event().wait()


def test_log_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, whatever is in them; tracebacks become a field."""
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "told\nnobody", (), None)
    record.recipient = 'a b="c"\x1b[31m\u202e'
    line = FieldFormatter().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert line.endswith('warning told nobody recipient="a b=\\"c\\"[31m"')
