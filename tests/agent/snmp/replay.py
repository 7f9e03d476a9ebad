"""Recorded devices asked without a network: as fast as memory, so that all of them can be polled in a test.

The engines have their own trials over real sockets; what is tried here is everything above a session.
"""

from __future__ import annotations

import bz2
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.snmp.memory import Memory
from agent.snmp.oid import arcs, under
from agent.snmp.poll import Poll
from agent.snmp.polling import Polling
from agent.snmp.session import USUAL_LIMITS, Oid, Value, Walk, WalkLimits

NUMBERS = {b"2", b"65", b"66", b"67", b"70"}
STRINGS, OBJECT_IDS, ADDRESSES = {b"4", b"68"}, b"6", b"64"
MOST_BYTES = 3 << 20
"""What is unpacked of a recording, at most: the largest hold hundreds of megabytes of ARP and AAA rows."""
ASKED = tuple(
    f"1.3.6.1.{tree}.".encode()
    for tree in (
        "2.1.1", "2.1.2", "2.1.4.1", "2.1.10.7", "2.1.17.1", "2.1.25.1", "2.1.25.2", "2.1.25.3",
        "2.1.31.1.1", "2.1.33", "2.1.43", "2.1.47", "2.1.99", "2.1.131", "4.1", "4.19849", "6.3.10",
    )
)  # fmt: skip
"""The subtrees that a poll may ask for; the rest of a recording is not read."""


class ReplaySession:
    """A session with a recording; keeps the contract of `agent.snmp.session.Session`."""

    def __init__(self, objects: dict[Oid, Value]) -> None:
        self._objects = objects
        in_order = sorted((arcs(name), name) for name in objects)
        self._arcs = [place for place, _ in in_order]
        self._names = [name for _, name in in_order]
        self.requests = self.splits = 0

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        self.requests += 1
        return {oid: self._objects.get(oid) for oid in oids}

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        rows: list[tuple[Oid, Value]] = []
        for name in self._names[bisect_right(self._arcs, arcs(prefix)) :]:
            if not under(name, prefix) or len(rows) >= limits.rows:
                break
            rows.append((name, self._objects[name]))
        self.requests += 1 + len(rows) // max(1, limits.repetitions)
        return Walk(tuple(rows))

    def close(self) -> None:
        self.requests = 0


def replayed(path: Path, most: int = MOST_BYTES) -> tuple[ReplaySession, bool]:
    """The recording in `path`, and whether it was cut at `most` bytes."""
    raw = unpacked(path, most)
    return ReplaySession(dict(objects(raw.splitlines()))), len(raw) >= most


def unpacked(path: Path, most: int) -> bytes:
    """The first `most` bytes of a recording, up to a whole line."""
    if path.suffix != ".bz2":
        return path.read_bytes()[:most]
    with bz2.open(path) as file:
        raw = file.read(most)
    return raw if len(raw) < most else raw[: raw.rindex(b"\n")].ljust(most)


def objects(lines: Iterable[bytes]) -> Iterable[tuple[Oid, Value]]:
    """The objects of a recording as an engine gives them; what is no object is left out."""
    for line in lines:
        if not line.startswith(ASKED):
            continue
        name, _, rest = line.partition(b"|")
        tag, _, raw = rest.partition(b"|")
        oid = name.decode("ascii", "replace").strip().strip(".")
        value = value_of(tag, raw)
        if value is not None and oid.replace(".", "").isdigit():
            yield oid, value


def value_of(tag: bytes, raw: bytes) -> Value | None:
    """One value; None for kinds that are none, such as noSuchObject."""
    kind, hexadecimal = tag.rstrip(b"xe").split(b":")[0], b"x" in tag
    try:
        if kind in STRINGS:
            return bytes.fromhex(raw.decode()) if hexadecimal else raw
        if kind in NUMBERS:
            return int(raw or b"0")
        if kind in (OBJECT_IDS, ADDRESSES):
            return raw.decode().strip().strip(".")
    except ValueError:
        return None
    return None


async def polled(session: ReplaySession, times: int = 1, profile: str = "auto") -> Polling:
    """The last of some polls of a recording, a minute apart."""
    memory, now = Memory(), 1000.0
    for _ in range(times):
        polling = Polling(Poll(session, lambda at=now: at), memory, lambda at=now: at)  # type: ignore[misc]
        await polling.run(profile)
        now += 60
    return polling
