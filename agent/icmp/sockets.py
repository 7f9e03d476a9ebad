"""The thin shell around the kernel's ICMP sockets (Linux): opening, filtering, time stamps.

raw(7), icmp(7), socket(7), RFC 3542. A raw socket needs root or CAP_NET_RAW; a datagram socket
needs the group of the process to lie within `net.ipv4.ping_group_range` (for IPv6 too).
"""

from __future__ import annotations

import ctypes
import errno
import secrets
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from agent.icmp.packets import V4, V6, Dialect
from agent.probe import Reason
from telemetry.errors import LtmonError

# What Python's socket module does not name; the numbers are the kernel's ABI on every architecture
# that the agent runs on (asm-generic/socket.h, linux/in.h, linux/icmp.h).
_SO_ATTACH_FILTER = 26
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
_SO_TIMESTAMPNS = 35
_SOL_RAW, _ICMP_FILTER = 255, 1
_ICMP6_FILTER = 1
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_ERROR_MESSAGES = ((socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR))

BUFFER_BYTES = 8 << 20
_ROOM_PER_PACKET = 4096  # what the kernel charges for one small packet, with the greediest drivers
_read_timespec = struct.Struct("@ll").unpack
_EXTENDED_ERROR = struct.Struct(
    "=IBBBxII"
)  # struct sock_extended_err; the offender's address follows
_ANCILLARY_BYTES = 256

Ancillary = Sequence[tuple[int, int, bytes]]
SocketAddress = tuple[str, int] | tuple[str, int, int, int]


class NoIcmpSocket(LtmonError):  # noqa: N818 - named for what the user sees
    """This machine gives us no ICMP socket: the text says what to do, `reason` why."""

    def __init__(self, sentence: str, reason: Reason) -> None:
        super().__init__(sentence)
        self.reason = reason


class IcmpSocket:
    """One non-blocking ICMP socket that receives only echo replies and ICMP errors.

    raw: whether it is a raw socket; else the kernel chooses the identifier and queues errors apart.
    identifier: to be put into requests; replies that bear another one do not reach a raw socket.
    has_header: whether what is received begins with an IPv4 header.
    capacity: how many replies the receive buffer holds for certain.
    send: sends a packet to a socket address.
    receive: the next packet, left in `buffer`: length, ancillary data, flags, source. Raises
    BlockingIOError when there is none, another OSError when the kernel has a refusal.
    """

    send: Callable[[bytes, SocketAddress], int]
    receive: Callable[[], tuple[int, Ancillary, int, SocketAddress]]

    def __init__(self, dialect: Dialect, *, raw: bool) -> None:
        family = socket.AF_INET if dialect.version == 4 else socket.AF_INET6
        kind = socket.SOCK_RAW if raw else socket.SOCK_DGRAM
        self.dialect, self.raw = dialect, raw
        self.has_header = raw and dialect.version == 4
        self.identifier = secrets.randbits(16)
        self._socket = socket.socket(family, kind, dialect.protocol)
        try:
            self._set_up()
        except OSError:
            self._socket.close()
            raise
        room = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        self.capacity = max(16, room // _ROOM_PER_PACKET)
        self.send = self._socket.sendto
        self.buffer = bytearray(1 << 16)
        self.receive = partial(self._socket.recvmsg_into, [self.buffer], _ANCILLARY_BYTES)

    def _set_up(self) -> None:
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        # The send buffer too: requests to dead neighbours lie in the kernel for seconds until address
        # resolution gives up, and must not keep those to healthy hosts from leaving.
        for force, ask in (
            (_SO_RCVBUFFORCE, socket.SO_RCVBUF),
            (_SO_SNDBUFFORCE, socket.SO_SNDBUF),
        ):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, force, BUFFER_BYTES)
            except PermissionError:
                self._socket.setsockopt(socket.SOL_SOCKET, ask, BUFFER_BYTES)
        if self.raw:
            self._filter_types()
            self._filter_identifier()
        elif self.dialect.version == 4:
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        else:
            self._socket.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)

    def _filter_types(self) -> None:
        """Else a raw socket is woken for every ICMP packet of the machine, requests as well."""
        wanted = sum(1 << kind for kind in (self.dialect.reply, *self.dialect.errors))
        if self.dialect.version == 4:
            blocked = struct.pack("=I", ~wanted & 0xFFFFFFFF)
            self._socket.setsockopt(_SOL_RAW, _ICMP_FILTER, blocked)
        else:
            words = (~wanted >> shift & 0xFFFFFFFF for shift in range(0, 256, 32))
            blocked = struct.pack("=8I", *words)
            self._socket.setsockopt(self.dialect.protocol, _ICMP6_FILTER, blocked)

    def _filter_identifier(self) -> None:
        """Else every reply to any program on this machine, another agent's too, is queued for us.

        Classic BPF (bpf(4)): pass errors, and echo replies with our identifier; drop the rest.
        """
        header = (0xB1, 0, 0, 0) if self.has_header else (0x01, 0, 0, 0)  # X = length of IP header
        program = [
            header,
            (0x50, 0, 0, 0),  # A = byte at X: type
            (0x15, 0, 2, self.dialect.reply),  # if A is not the reply, skip 2
            (0x48, 0, 0, 4),  # A = 16 bits at X + 4: identifier
            (0x15, 0, 1, self.identifier),  # if A is not ours, skip 1
            (0x06, 0, 0, 0xFFFFFFFF),  # pass
            (0x06, 0, 0, 0),  # drop
        ]
        code = b"".join(struct.pack("=HBBI", *step) for step in program)
        memory = ctypes.create_string_buffer(code, len(code))
        fprog = struct.pack("@HP", len(program), ctypes.addressof(memory))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)

    def fileno(self) -> int:
        """The descriptor, for an event loop."""
        return self._socket.fileno()

    def receive_error(self) -> tuple[int, int, str, bytes]:
        """The next refusal that a datagram socket keeps: ICMP type, code, who says so, and the
        quoted echo request. The type is 0 when our own kernel refused.

        Raises BlockingIOError when there is none.
        """
        data, ancillary, _, _ = self._socket.recvmsg(
            2048, _ANCILLARY_BYTES, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT
        )
        for level, kind, value in ancillary:
            if (level, kind) in _ERROR_MESSAGES:
                _, origin, icmp_type, code, _, _ = _EXTENDED_ERROR.unpack_from(value)
                if origin > 1:  # 1 is the local kernel, 2 and 3 are ICMP and ICMPv6
                    return icmp_type, code, _offender(value[_EXTENDED_ERROR.size :]), data
        return 0, 0, "", data

    def close(self) -> None:
        """Gives the descriptor back."""
        self._socket.close()


def _offender(address: bytes) -> str:
    """The numeric address within a `struct sockaddr_in` or `sockaddr_in6`."""
    family = int.from_bytes(address[:2], "little" if struct.pack("=H", 1)[0] else "big")
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, address[4:8])
    if family == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, address[8:24])
    return "somebody"


def kernel_stamp_ns(ancillary: Ancillary) -> int:
    """When the kernel received the packet, nanoseconds since 1970: all that we asked it to add."""
    seconds, nanoseconds = _read_timespec(ancillary[0][2])
    return seconds * 1_000_000_000 + nanoseconds  # type: ignore[no-any-return]


def open_icmp_socket(version: int) -> IcmpSocket:
    """A socket for IPv4 (4) or IPv6 (6): a raw one where we may, else a datagram one.

    Raises NoIcmpSocket with one sentence where neither is possible.
    """
    dialect = V4 if version == 4 else V6
    with suppress(PermissionError):
        return _open(dialect, raw=True)
    try:
        return _open(dialect, raw=False)
    except PermissionError:
        raise NoIcmpSocket(
            "this user may not send echo requests: give the agent CAP_NET_RAW, or let its group in"
            " with the sysctl net.ipv4.ping_group_range",
            Reason.FORBIDDEN,
        ) from None


def _open(dialect: Dialect, *, raw: bool) -> IcmpSocket:
    try:
        return IcmpSocket(dialect, raw=raw)
    except PermissionError:
        raise
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            sentence, reason = f"this machine has no IPv{dialect.version}", Reason.UNREACHABLE
        else:
            sentence, reason = f"no ICMP socket can be opened: {error.strerror}", Reason.INTERNAL
        raise NoIcmpSocket(sentence, reason) from error
