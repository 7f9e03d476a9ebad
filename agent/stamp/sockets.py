"""The thin shell around UDP sockets for STAMP: kernel time stamps, TTL, DSCP, the address asked.

ip(7), ipv6(7), socket(7), RFC 3542. The kernel's stamp of arrival matters: the event loop may look
at a packet milliseconds later, and that would read as delay variation of the path.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

# What Python's socket module does not name; the numbers are Linux's (linux/in.h, asm-generic/socket.h).
_SO_TIMESTAMPNS = 35
_IP_PKTINFO, _IP_RECVTTL = 8, 12
_LINUX = sys.platform == "linux"
_TIMESPEC = struct.Struct("@ll")
_V4_INFO = struct.Struct("=I4s4s")  # struct in_pktinfo: interface, local address, destination
_ANCILLARY_BYTES = 512
BUFFER_BYTES = 1 << 20
MAX_OCTETS = 9216
"""The longest datagram that is looked at; longer ones are cut and `whole` is false."""

UNKNOWN_TTL = 255
"""Stands in the reply where the system does not tell the TTL (RFC 8762, 4.3.1: unauthenticated)."""

Ancillary = Sequence[tuple[int, int, bytes]]
SocketAddress = tuple[str, int] | tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One datagram. received_ns: nanoseconds since 1970, by the kernel where it tells.

    back: ancillary data with which an answer leaves from the address that was asked and with the
    DSCP of the request, as a call's packets have one in both directions.
    """

    data: bytes
    whole: bool
    source: SocketAddress
    received_ns: int
    ttl: int
    dscp: int
    back: Ancillary


class StampSocket:
    """One non-blocking UDP socket. `local`: bind there; `remote`: send and listen to it alone.

    Raises OSError when the system refuses the address.
    """

    def __init__(
        self,
        *,
        local: tuple[str, int] | None = None,
        remote: tuple[str, int] | None = None,
        dscp: int = 0,
    ) -> None:
        host = (local or remote or ("0.0.0.0", 0))[0]  # noqa: S104 - only to tell the family
        self.version = 6 if ":" in host else 4
        family = socket.AF_INET6 if self.version == 6 else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._set_up(dscp)
            if local is not None:
                self._socket.bind(local)
            if remote is not None:
                self._socket.connect(_resolved(family, remote))
        except OSError:
            self._socket.close()
            raise

    def _set_up(self, dscp: int) -> None:
        own = self._socket
        own.setblocking(False)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        if _LINUX:
            own.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if self.version == 6:
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2)
            for option in (
                socket.IPV6_RECVHOPLIMIT,
                socket.IPV6_RECVTCLASS,
                socket.IPV6_RECVPKTINFO,
            ):
                own.setsockopt(socket.IPPROTO_IPV6, option, 1)
            return
        own.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)
        if _LINUX:
            for option in (_IP_RECVTTL, socket.IP_RECVTOS, _IP_PKTINFO):
                own.setsockopt(socket.IPPROTO_IP, option, 1)

    @property
    def port(self) -> int:
        """Our own port."""
        return int(self._socket.getsockname()[1])

    def fileno(self) -> int:
        """The descriptor, for an event loop."""
        return self._socket.fileno()

    def send(self, data: bytes) -> None:
        """To the remote address. Raises OSError, ConnectionRefusedError for an earlier packet's fate."""
        self._socket.send(data)

    def answer(self, data: bytes, arrival: Arrival) -> None:
        """Back to where it came from, from the address that was asked. Raises OSError."""
        self._socket.sendmsg([data], arrival.back, 0, arrival.source)

    def receive(self) -> Arrival:
        """The next datagram. Raises BlockingIOError when there is none, another OSError for a refusal."""
        data, ancillary, flags, source = self._socket.recvmsg(MAX_OCTETS, _ANCILLARY_BYTES)
        stamp, ttl, traffic_class = time.time_ns(), UNKNOWN_TTL, 0
        back: list[tuple[int, int, bytes]] = []
        for level, kind, value in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, nanoseconds = _TIMESPEC.unpack(value)
                stamp = seconds * 1_000_000_000 + nanoseconds
            elif (level, kind) in _TTL:
                ttl = int.from_bytes(value, sys.byteorder) & 0xFF
            elif (level, kind) in _TRAFFIC_CLASS:
                # Without the two bits of ECN: congestion marked on the way there is not the way back's.
                traffic_class = int.from_bytes(value, sys.byteorder) & 0xFC
                back.append((level, kind, struct.pack("@i", traffic_class)))
            elif (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
                _, local, _ = _V4_INFO.unpack(value)
                back.append((level, kind, _V4_INFO.pack(0, local, bytes(4))))
            elif (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
                back.append((level, kind, value))
        whole = not flags & socket.MSG_TRUNC
        return Arrival(data, whole, source, stamp, ttl, traffic_class >> 2, back)

    def close(self) -> None:
        """Gives the descriptor back."""
        with suppress(OSError):
            self._socket.close()


_TTL = {(socket.IPPROTO_IP, socket.IP_TTL), (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT)}
_TRAFFIC_CLASS = {(socket.IPPROTO_IP, socket.IP_TOS), (socket.IPPROTO_IPV6, socket.IPV6_TCLASS)}


def _resolved(family: socket.AddressFamily, remote: tuple[str, int]) -> SocketAddress:
    """The socket address of a numeric address; a zone (`fe80::1%eth0`) is taken too. Never asks DNS."""
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    found = socket.getaddrinfo(*remote, family, socket.SOCK_DGRAM, 0, flags)
    return found[0][4]  # type: ignore[return-value]
