"""How the last run and the machine ended: told by a mark in the state directory and the system's record."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.last_end import FILE_NAME, LastEnd, RunMarker
from agent.shutdown_record import ended_in_order

BOOTED = 1_700_000_000


def marker(folder: Path, boot: str = "a", recorded: bool | None = None) -> RunMarker:
    """A marker on a system with this boot id, whose record of shutdowns says `recorded`."""
    boot_id = folder / "boot_id"
    boot_id.write_text(f"{boot}\n")
    return RunMarker(folder, boot_id, lambda: recorded)


def cut_off(one: RunMarker) -> None:
    """It starts and never ends."""
    one.__enter__()


def in_order(one: RunMarker) -> None:
    """It starts and stops."""
    with one:
        pass


def by_a_fault(one: RunMarker) -> None:
    """It ends by an exception."""
    with pytest.raises(RuntimeError), one:
        raise RuntimeError


@pytest.mark.parametrize(
    ("ends", "boot", "recorded", "last"),
    [
        (in_order, "a", None, LastEnd(program=True, machine=None)),
        (cut_off, "a", None, LastEnd(program=False, machine=None)),
        (by_a_fault, "a", None, LastEnd(program=False, machine=None)),
        (in_order, "b", None, LastEnd(program=True, machine=True)),
        (cut_off, "b", None, LastEnd(program=False, machine=False)),
        (cut_off, "b", True, LastEnd(program=False, machine=True)),
        (in_order, "b", False, LastEnd(program=True, machine=False)),
        (cut_off, "", None, LastEnd(program=False, machine=None)),
    ],
)
def test_last_end(
    tmp_path: Path,
    ends: Callable[[RunMarker], None],
    boot: str,
    recorded: bool | None,
    last: LastEnd,
) -> None:
    """The mark tells of the program, the boot id whether the machine went with it, its record best."""
    first = marker(tmp_path)
    ends(first)
    assert first.last == LastEnd()
    assert marker(tmp_path, boot, recorded).__enter__().last == last


def test_the_machine_is_remembered(tmp_path: Path) -> None:
    """While the machine runs on, a program that starts anew still knows how the machine had ended."""
    cut_off(marker(tmp_path, "a"))
    in_order(marker(tmp_path, "b"))
    assert marker(tmp_path, "b").__enter__().last == LastEnd(program=True, machine=False)


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"boot": 1}', "\udcff"])
def test_torn_mark(tmp_path: Path, torn: str) -> None:
    """What cannot be read says nothing, and is replaced."""
    (tmp_path / FILE_NAME).write_bytes(torn.encode("utf-8", "surrogateescape"))
    with marker(tmp_path) as one:
        assert one.last == LastEnd()
        assert json.loads((tmp_path / FILE_NAME).read_text())["stopped"] is False


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark that cannot be written leaves none that lies, and the program runs."""
    in_order(marker(tmp_path))

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agent.last_end.write_private", full)
    cut_off(marker(tmp_path))
    assert not (tmp_path / FILE_NAME).exists()


class _Common(ctypes.Structure):
    """The head of a record, as utmp(5) has it."""

    _fields_ = (
        ("type", ctypes.c_short),
        ("pid", ctypes.c_int32),
        ("line", ctypes.c_char * 32),
        ("id", ctypes.c_char * 4),
        ("user", ctypes.c_char * 32),
        ("host", ctypes.c_char * 256),
        ("exit", ctypes.c_short * 2),
    )


class _Utmp32(_Common):
    _fields_ = (
        ("session", ctypes.c_int32),
        ("seconds", ctypes.c_int32),
        ("micros", ctypes.c_int32),
        ("address", ctypes.c_int32 * 4),
        ("unused", ctypes.c_char * 20),
    )


class _Utmp64(_Common):
    _fields_ = (
        ("session", ctypes.c_int64),
        ("seconds", ctypes.c_int64),
        ("micros", ctypes.c_int64),
        ("address", ctypes.c_int32 * 4),
        ("unused", ctypes.c_char * 20),
    )


BOOT, SHUTDOWN = (2, b"reboot"), (1, b"shutdown")
LEVEL, LOGIN = (1, b"runlevel"), (7, b"lan")

Told = tuple[tuple[int, bytes], int]


@pytest.mark.parametrize("layout", [_Utmp32, _Utmp64])
@pytest.mark.parametrize(
    ("told", "in_order"),
    [
        ([(BOOT, -9000), (SHUTDOWN, -500), (BOOT, 5), (LEVEL, 20), (LOGIN, 30)], True),
        ([(BOOT, -9000), (LEVEL, -8990), (LOGIN, -8000), (BOOT, 5), (LEVEL, 20)], False),
        ([(BOOT, -9000), (SHUTDOWN, -500), (BOOT, -400), (BOOT, 5)], False),
        ([(BOOT, 5), (LEVEL, 20)], None),
        ([(BOOT, -9000), (SHUTDOWN, -500), (BOOT, -400)], None),
        ([(BOOT, -9000), (SHUTDOWN, -500), (BOOT, 4000)], None),
        ([], None),
    ],
)
def test_shutdown_record(
    tmp_path: Path, layout: type[ctypes.Structure], told: list[Told], in_order: bool | None
) -> None:
    """Between the last two starts: a shutdown or none; nothing where the last start is not this one."""
    records = [
        layout(
            type=kind,
            user=user,
            line=b"pts/0" if kind == 7 else b"~",
            host=b"6.1.0-18-amd64",
            seconds=BOOTED + at,
        )
        for (kind, user), at in told
    ]
    path = tmp_path / "wtmp"
    path.write_bytes(b"".join(map(bytes, records)))
    assert ended_in_order(float(BOOTED), path) is in_order


def test_no_record(tmp_path: Path) -> None:
    """No file, another file, no known boot time: nothing is said."""
    path = tmp_path / "wtmp"
    assert ended_in_order(1.0, path) is None
    path.write_bytes(b"x" * 385)
    assert ended_in_order(1.0, path) is None
    assert ended_in_order(None, path) is None
    path.write_bytes(b"\0" * 9600)
    assert ended_in_order(0.0, path) is None
