"""A network in a namespace of its own whose far side is this test: every truth is known.

The sockets stay in the namespace in which they were opened, so the engine under test runs in the
test's own event loop, and so does the far side: a TUN device whose packets are answered here.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent.icmp.engine import Engine
from agent.icmp.packets import V4, V6
from agent.icmp.sockets import IcmpSocket

T = TypeVar("T")

_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _TUN, _ETHERNET = 0x400454CA, 0x1001, 0x1002
_libc = ctypes.CDLL(None, use_errno=True)

NEAR = {4: "10.77.0.1", 6: "fd77::1"}
ROUTER = {4: "10.77.0.254", 6: "fd77::fe"}


def host(version: int, number: int) -> str:
    """The address of far host `number`, from 1."""
    if version == 4:
        return f"10.77.{1 + number // 250}.{1 + number % 250}"
    return f"fd77::1:{number:x}"


def in_thread(work: Callable[[], T]) -> T:
    """Runs `work` in a thread, which alone keeps what it does to its namespaces and rights."""
    outcome: list[T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - carried over to the test
            errors.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return outcome[0]


def drop_rights() -> None:
    """Takes every capability from the calling thread, as if it belonged to an ordinary user."""
    header = struct.pack("=Ii", 0x20080522, 0)
    if _libc.capset(header, bytes(24)):
        raise OSError(ctypes.get_errno(), "capset")


def _enter_new_namespace() -> None:
    if _libc.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    # /proc/sys/net shows the network of whoever looks, so this is the new namespace's setting.
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")


def _open_tun(flags: int) -> int:
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", b"far0", flags))
    _ip(
        "link set lo up",
        "link set far0 txqueuelen 5000",  # so that the far side drops only what it means to
        "link set far0 up",
        f"addr add {NEAR[4]}/16 dev far0",
        f"addr add {NEAR[6]}/64 dev far0 nodad",
    )
    _await_local_route()
    return tun


def _await_local_route() -> None:
    """The kernel makes a new IPv6 address its own a moment after `ip` is back; before, it drops."""
    wanted = f"{socket.inet_pton(socket.AF_INET6, NEAR[6]).hex()} 80 "
    deadline = time.monotonic() + 10
    while wanted not in Path("/proc/thread-self/net/ipv6_route").read_text():
        assert time.monotonic() < deadline, "the namespace never got its IPv6 address"


def _ip(*commands: str) -> None:
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands).encode(), check=True)


@dataclass(frozen=True, slots=True)
class Request:
    """An echo request as it arrived at the far side. nth: how many the host got before."""

    version: int
    source: str
    destination: str
    packet: bytes
    nth: int

    @property
    def echo(self) -> bytes:
        """The ICMP message."""
        return self.packet[20:] if self.version == 4 else self.packet[40:]

    def reply(self, source: str | None = None, *, damaged: bool = False) -> bytes:
        """The echo reply, from the host that was asked unless told otherwise."""
        kind = 0 if self.version == 4 else 129
        message = bytes([kind, 0, 0, 0]) + self.echo[4:]
        return self._wrap(source or self.destination, message, damaged=damaged)

    def forged(self, token: int) -> bytes:
        """A reply that bears another token."""
        kind = 0 if self.version == 4 else 129
        message = bytes([kind, 0, 0, 0]) + self.echo[4:8] + token.to_bytes(4, "big")
        return self._wrap(self.destination, message + self.echo[12:])

    @property
    def ttl(self) -> int:
        """How many hops it may still travel."""
        return self.packet[8] if self.version == 4 else self.packet[7]

    def error(
        self, kind: int, code: int, *, quoted_bytes: int = 500, source: str | None = None
    ) -> bytes:
        """An ICMP error from the router. quoted_bytes: of the ICMP message; 8 is RFC 792's least."""
        header = len(self.packet) - len(self.echo)
        quote = self.packet[: header + quoted_bytes]
        message = bytes([kind, code, 0, 0, 0, 0, 0, 0]) + quote
        return self._wrap(source or ROUTER[self.version], message)

    def _wrap(self, source: str, message: bytes, *, damaged: bool = False) -> bytes:
        family = socket.AF_INET if self.version == 4 else socket.AF_INET6
        ends = socket.inet_pton(family, source) + socket.inet_pton(family, self.source)
        if self.version == 4:
            pseudo = b""
            head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(message), 0, 0, 64, 1)
            header = head + _sum16(head + ends).to_bytes(2, "big") + ends
        else:
            pseudo = ends + struct.pack("!II", len(message), 58)
            header = struct.pack("!IHBB", 6 << 28, len(message), 58, 64) + ends
        check = _sum16(pseudo + message) ^ (0x0100 if damaged else 0)
        return header + message[:2] + check.to_bytes(2, "big") + message[4:]


def _sum16(data: bytes) -> int:
    """RFC 1071 word by word, unlike the code under test."""
    total = 0
    for high, low in zip(data[::2], (data + b"\0")[1::2], strict=False):
        total += high << 8 | low
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


Behaviour = Callable[[Request], list[tuple[float, bytes]]]
"""What the far side does with a request: packets to send back, each after so many seconds."""


def answer(request: Request) -> list[tuple[float, bytes]]:
    """A healthy host."""
    return [(0.0, request.reply())]


def silence(request: Request) -> list[tuple[float, bytes]]:
    """A dead host."""
    return []


def answer_after(seconds: float) -> Behaviour:
    """A host behind a long way."""
    return lambda request: [(seconds, request.reply())]


class Far:
    """The far side: `hosts` says how each address behaves (others are silent), `seen` what it got,
    `heard` that it got anything."""

    def __init__(self, tun: int, sockets: dict[int, IcmpSocket]) -> None:
        self.hosts: dict[str, Behaviour] = {}
        self.seen: Counter[str] = Counter()
        self.heard = asyncio.Event()
        self.engine = Engine(sockets.__getitem__)
        self.sockets = sockets
        self._tun = tun

    def start(self) -> None:
        """Begins to answer, in the running event loop."""
        asyncio.get_running_loop().add_reader(self._tun, self._read)

    def _read(self) -> None:
        while True:
            try:
                packet = os.read(self._tun, 65536)
            except BlockingIOError:
                return
            request = self._request(packet)
            if request is not None:
                behaviour = self.hosts.get(request.destination, silence)
                for seconds, back in behaviour(request):
                    self._later(seconds, back)

    def _later(self, seconds: float, packet: bytes) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, os.write, self._tun, packet)
        else:
            os.write(self._tun, packet)

    def _request(self, packet: bytes) -> Request | None:
        version = packet[0] >> 4
        if version == 4 and packet[9] == 1 and packet[20] == 8:
            ends = [socket.inet_ntop(socket.AF_INET, packet[at : at + 4]) for at in (12, 16)]
        elif version == 6 and packet[6] == 58 and packet[40] == 128:
            ends = [socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24)]
        else:
            return None
        nth = self.seen[ends[1]]
        self.seen[ends[1]] += 1
        self.heard.set()
        return Request(version, ends[0], ends[1], packet, nth)


def _make(*, raw: bool) -> tuple[int, dict[int, IcmpSocket]]:
    _enter_new_namespace()
    tun = _open_tun(_TUN)
    return tun, {d.version: IcmpSocket(d, raw=raw) for d in (V4, V6)}


@contextmanager
def far_network(*, raw: bool) -> Iterator[Far]:
    """A new namespace with a far side, and an engine on raw or datagram sockets in it."""
    tun, sockets = in_thread(lambda: _make(raw=raw))
    try:
        yield Far(tun, sockets)
    finally:
        for port in sockets.values():
            port.close()
        os.close(tun)


@contextmanager
def dead_neighbours() -> Iterator[IcmpSocket]:
    """A socket on an Ethernet where nobody says who has an address: requests lie in the kernel."""

    def make() -> tuple[int, IcmpSocket]:
        _enter_new_namespace()
        return _open_tun(_ETHERNET), IcmpSocket(V4, raw=True)

    tap, port = in_thread(make)
    try:
        yield port
    finally:
        port.close()
        os.close(tap)


def in_new_namespace(work: Callable[[], T]) -> T:
    """Runs `work` in a namespace of its own in which any group may open datagram sockets."""

    def body() -> T:
        _enter_new_namespace()
        _ip("link set lo up")
        return work()

    return in_thread(body)
