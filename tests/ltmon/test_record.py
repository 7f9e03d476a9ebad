"""`ltmon record`: a whole recording of a real responder, a cut, a stop in the middle, wrong use."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ltmon.__main__ import main
from tests.agent.snmp.recorded import (
    Device,
    Request,
    answering,
    arcs,
    device,
    number,
    octets,
    recording,
)

SYSTEM = "1.3.6.1.2.1.1"
BOX = {
    f"{SYSTEM}.1.0": octets("A box with the word s3cret-word in it"),
    f"{SYSTEM}.3.0": number(1),
    f"{SYSTEM}.5.0": octets("ubnd-router"),
    f"{SYSTEM}.7.0": number(78),
    "1.3.6.1.4.1.9.1.0": octets("this is ubnd-router"),
}
INVENTORY = """
district: {{id: d, name: Huyện}}
sites:
  - {{id: office, name: UBND xã, kind: commune}}
credentials:
  - {{id: c, version: 2c, community: s3cret-word}}
devices:
  - {{id: box, site: office, class: router, address: 127.0.0.1, snmp: {{credentials: c, port: {port}}}}}
  - {{id: mute, site: office, class: router, address: 127.0.0.2}}
  - {{id: gone, site: office, class: router}}
"""
Twist = Callable[[Request, bytes], Iterable[bytes]]


@contextmanager
def answered(box: Device, twist: Twist = lambda request, answer: (answer,)) -> Iterator[int]:
    """The box on a port of loopback, answering in a thread of its own."""
    loop = asyncio.new_event_loop()
    ready, port = threading.Event(), 0

    async def serve() -> None:
        nonlocal port
        async with answering(box, "s3cret-word", twist) as found:
            port = found
            ready.set()
            await stop.wait()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def ltmon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`ltmon record …` in this process, in a folder of its own, at once."""

    def run(port: int, *words: str) -> tuple[int, str, str]:
        folder = tmp_path / "inventory"
        folder.mkdir(exist_ok=True)
        (folder / "all.yaml").write_text(INVENTORY.format(port=port), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        fast = ("--inventory", str(folder), "--requests-per-second", "1000")
        monkeypatch.setattr("sys.argv", ["ltmon", "record", *words, *fast])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


Ltmon = Callable[..., tuple[int, str, str]]


def test_everything_but_what_we_asked_with(ltmon: Ltmon, tmp_path: Path) -> None:
    """In snmpsim's format, readable by us alone, without an object that holds the community."""
    with answered(device(BOX)) as port:
        code, out, err = ltmon(port, "box")
    assert (code, err) == (0, "")
    assert out.startswith("box.snmprec: 4 objects in ")
    file = tmp_path / "box.snmprec"
    assert file.read_text().splitlines() == [
        "1.3.6.1.2.1.1.3.0|2|1",
        "1.3.6.1.2.1.1.5.0|4|ubnd-router",
        "1.3.6.1.2.1.1.7.0|2|78",
        "1.3.6.1.4.1.9.1.0|4|this is ubnd-router",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["box.snmprec", "inventory"]


def test_blanked_a_subtree_as_json(ltmon: Ltmon, tmp_path: Path) -> None:
    """Two subtrees, one inside the other; names replaced alike."""
    words = ("--blank", "--subtree", f".{SYSTEM}", "--subtree", f"{SYSTEM}.5", "--output", "x.rec")
    with answered(device(BOX)) as port:
        code, out, _ = ltmon(port, "box", "--json", *words)
        _, said, _ = ltmon(port, "box", *words)
    verdict = json.loads(out)
    assert (code, verdict["ok"], verdict["file"], verdict["objects"]) == (0, True, "x.rec", 3)
    assert verdict["blanked"] == {"name": 1}
    assert "Blanked: name 1." in said
    assert "ubnd" not in (tmp_path / "x.rec").read_text()


def test_a_cut_of_what_the_profile_asks(ltmon: Ltmon, tmp_path: Path) -> None:
    """A few kB that still are the switch that they were."""
    with answered(recording("network/switch/dlink-des3038")) as port:
        code, out, _ = ltmon(port, "box", "--profile-only", "--rows", "9", "--ports", "2", "--json")
    assert code == 0
    lines = (tmp_path / "box.snmprec").read_text().splitlines()
    assert len(lines) == json.loads(out)["objects"]
    assert 40 < len(lines) < 200
    assert sum(line.startswith("1.3.6.1.2.1.2.2.1.8.") for line in lines) == 2


def test_goes_on_where_it_was_stopped(ltmon: Ltmon, tmp_path: Path) -> None:
    """A device that falls silent leaves the part that came; the same command finishes it."""
    dead = True

    def dying(request: Request, answer: bytes) -> Iterable[bytes]:
        return () if dead and request.names[0] >= arcs(f"{SYSTEM}.5.0") else (answer,)

    box = device({**BOX, f"{SYSTEM}.1.0": octets("plain")})
    with answered(box, dying) as port:
        with pytest.MonkeyPatch.context() as quick:
            quick.setattr("ltmon.record_command.PATIENCE", (0.1, 0))
            code, out, err = ltmon(port, "box", "--getnext")
        assert (code, out) == (1, "")
        assert "no answer in time" in err
        assert ".box.snmprec.part; the same command goes on" in err
        assert not (tmp_path / "box.snmprec").exists()
        dead = False
        box.requests.clear()
        code, out, _ = ltmon(port, "box", "--getnext")
    assert code == 0
    assert box.requests[0].names[0] == arcs(f"{SYSTEM}.5.0")
    assert len((tmp_path / "box.snmprec").read_text().splitlines()) == 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("bix",), 'The inventory has no device "bix"; did you mean "box"?'),
        (("mute",), "mute has no snmp access in the inventory."),
        (("gone",), "gone has no address in the inventory."),
        (
            ("box", "--rows", "3"),
            "--rows and --ports cut what a poll asks for: give --profile-only as well.",
        ),
        (
            ("box", "--profile-only", "--subtree", "1.3"),
            "--profile-only and --subtree name two different things to record.",
        ),
        (
            ("box", "--subtree", "system"),
            "--subtree: expected an object identifier in figures such as 1.3.6.1.2.1, found "
            '"system".',
        ),
    ],
)
def test_wrong_use_is_one_sentence(ltmon: Ltmon, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, nothing written."""
    assert ltmon(9, *words) == (2, "", sentence + "\n")
