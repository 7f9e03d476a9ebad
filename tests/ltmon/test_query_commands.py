"""`ltmon status`, `incidents`, `ack` against a running collector."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typer.testing import CliRunner

from collector.state import HealthState
from ltmon.__main__ import build
from ltmon.query_commands import STATES
from telemetry.errors import CollectorUnreachable, ConfigError
from tests.collector.fakes import OPERATOR_TOKEN, Clock, Running, collector_running, config_in


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A district whose switch at the commune is dead, with the room and the PC behind it."""
    config = config_in(tmp_path_factory.mktemp("collector"))
    with collector_running(config, Clock()) as running:
        running.measure(6)
        running.measure(6, gone={"switch", "room", "pc"})
        yield running


def ltmon(*arguments: str, code: int, **environment: str) -> str:
    """What the command prints; checks its exit code."""
    done = CliRunner().invoke(build(), arguments, env={"COLUMNS": "200", **environment})
    if isinstance(done.exception, Exception):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def test_status_of_the_district(district: Running) -> None:
    """Ill sites first; 1 because not everything is well; names are no markup."""
    out = ltmon("status", "--collector", district.url, code=1)
    lines = [line for line in out.splitlines() if "down" in line or " up" in line]
    assert "bac-binh" in lines[0]
    assert "<script>alert(1)</script>" in lines[0]
    assert "centre" in lines[1]


def test_status_of_a_site_and_of_devices(district: Running) -> None:
    """By id; 0 for what is well, and the address may come from the environment."""
    site = ltmon("status", "bac-binh", code=1, LTMON_COLLECTOR=district.url)
    assert [line.split()[1] for line in site.splitlines() if "→" in line or "✕" in line] == [
        "down",
        "unreachable",
        "unreachable",
    ]
    assert "{{7*7}} ${7*7} {name} %(x)s" in site
    core = ltmon("status", "core", "--collector", district.url, code=0)
    assert "icmp_rtt_median_seconds" in core
    switch = ltmon("status", "switch", "--collector", district.url, "--lang", "en", code=1)
    assert "without an answer" in switch


def test_status_as_json(district: Running) -> None:
    """The documents of the API as they are."""
    assert json.loads(ltmon("status", "--json", "--collector", district.url, code=1))[0]["id"] == (
        "bac-binh"
    )
    one = json.loads(ltmon("status", "core", "--json", "--collector", district.url, code=0))
    assert one["state"] == "up"
    many = json.loads(ltmon("status", "centre", "--json", "--collector", district.url, code=0))
    assert [device["id"] for device in many] == ["core"]


def test_incidents_and_ack(district: Running) -> None:
    """Listed, taken on, solved: 1 while one is open, 0 afterwards."""
    out = ltmon("incidents", "--collector", district.url, code=1)
    (incident,) = json.loads(ltmon("incidents", "--json", "--collector", district.url, code=1))
    assert incident["id"] in out
    assert "không trả lời" in out
    address = ("--collector", district.url)
    said = ltmon(
        "ack", incident["id"], "--note", "Đang đến", *address, code=0, LTMON_TOKEN=OPERATOR_TOKEN
    )
    assert said.strip().endswith(": Chị Hoa")
    again = ltmon(
        "ack", incident["id"], "--note", "x", "--token", OPERATOR_TOKEN, "--json", *address, code=0
    )
    assert json.loads(again)["note"] == "x"
    district.measure(8)
    assert "Không có sự cố." in ltmon("incidents", *address, code=0)
    assert "No incident." in ltmon("incidents", "--lang", "en", *address, code=0)
    assert incident["id"] in ltmon("incidents", "--all", *address, code=0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("status", "nope"), "The inventory has no such device or service."),
        (("ack", "nope", "--note", "x", "--token", OPERATOR_TOKEN), "There is no such incident."),
        (("ack", "nope", "--note", "x", "--token", "wrong"), "An operator's token is needed."),
    ],
)
def test_what_the_collector_refuses(
    district: Running, arguments: tuple[str, ...], sentence: str
) -> None:
    """Its own sentence."""
    with pytest.raises(CollectorUnreachable, match=sentence):
        ltmon(*arguments, "--collector", district.url, code=2)


def test_without_a_token() -> None:
    """Says how to give one, before anything is sent."""
    with pytest.raises(ConfigError, match="LTMON_TOKEN"):
        ltmon("ack", "x", "--note", "x", code=2, LTMON_TOKEN="")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "ftp://127.0.0.1/"])
def test_nobody_answers(url: str) -> None:
    """One sentence with the address."""
    with pytest.raises(CollectorUnreachable, match="does not answer"):
        ltmon("status", "--collector", url, code=2)


class Stranger(BaseHTTPRequestHandler):
    """A web server that is no collector."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>\x1b[31mhello</html>")

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def test_somebody_else_answers() -> None:
    """Another program at that address is told apart."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(CollectorUnreachable, match="no collector of ours"):
            ltmon("status", "--collector", f"http://127.0.0.1:{server.server_port}", code=2)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_every_state_has_a_mark() -> None:
    """A new state cannot come without one."""
    assert set(STATES) == {state.value for state in HealthState}
