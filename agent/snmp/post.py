"""Datagrams to one device and back, for the portable engine: patience, and who may answer.

The socket is not connected, so that an answer from another address or port is seen: it is dropped
and counted, and told when nothing better comes. Routers with several addresses answer so.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from agent.probe import Reason
from agent.snmp.messages import Broken, Foreign
from agent.snmp.session import Access, SnmpFailure

T = TypeVar("T")

# Linux tells an unconnected socket of a closed port only when asked to: IP(V6)_RECVERR of <linux/in.h>.
_TELL_ERRORS = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}


class Forged(Exception):  # noqa: N818 - named for what it is; never leaves the engine
    """An answer that does not bear the signature that it should."""


class Post(asyncio.DatagramProtocol):
    """One device's letter box. One question at a time.

    requests: how many were sent, repeats included. strangers: the answers that came from elsewhere,
    foreign: that belonged to no question of ours, broken: that were no SNMP, forged: with a bad signature.
    """

    def __init__(self, access: Access, clock: Callable[[], float]) -> None:
        self.requests = self.strangers = self.foreign = self.broken = self.forged = 0
        self._access = access
        self._clock = clock
        self._peer: tuple[Any, ...] = ()
        self._transport: asyncio.DatagramTransport | None = None
        self._socket: socket.socket | None = None
        self._waiting: asyncio.Future[Any] | None = None
        self._open: Callable[[bytes], Any] = bytes
        self._stranger = self._fault = ""

    async def start(self) -> None:
        """Opens the socket. Raises SnmpFailure where the address cannot be used here."""
        loop = asyncio.get_running_loop()
        try:
            family, _, _, _, self._peer = (
                await loop.getaddrinfo(
                    self._access.address,
                    self._access.port,
                    type=socket.SOCK_DGRAM,
                    flags=socket.AI_NUMERICHOST,
                )
            )[0]
            made = socket.socket(family, socket.SOCK_DGRAM)
            made.setblocking(False)
            if sys.platform == "linux":
                level, option = _TELL_ERRORS[family]
                made.setsockopt(level, option, 1)
            self._socket = made
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=made)
        except OSError as error:
            raise SnmpFailure(
                Reason.UNREACHABLE, f"the address cannot be asked: {error.strerror or error}"
            ) from error

    async def exchange(self, letter: Callable[[], bytes], opened: Callable[[bytes], T]) -> T:
        """Sends `letter()` until an answer comes that `opened` takes; gives what it made of it.

        `opened` raises Broken, Foreign or Forged for what is no answer to us: the wait goes on.
        Raises SnmpFailure, also the one that `opened` raises.
        """
        for _ in range(self._access.retries + 1):
            if self._access.turn is not None:
                await self._access.turn()
            wait = min(self._access.timeout_seconds, self._access.until - self._clock())
            if wait <= 0:
                break
            if self._transport is None or self._transport.is_closing():
                raise SnmpFailure(Reason.INTERNAL, "the session is closed")
            self.requests += 1
            self._waiting = asyncio.get_running_loop().create_future()
            self._open = opened
            self._transport.sendto(letter(), self._peer)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    answer: T = await self._waiting
                    return answer
        raise self._silence()

    def close(self) -> None:
        """Gives the socket back."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """A datagram came from `addr`."""
        if addr[:2] != self._peer[:2]:
            self.strangers += 1
            self._stranger = f"{addr[0]} port {addr[1]}"
            return
        if self._waiting is None or self._waiting.done():
            self.foreign += 1
            return
        try:
            self._waiting.set_result(self._open(data))
        except Foreign:
            self.foreign += 1
        except Forged:
            self.forged += 1
        except Broken as error:
            self.broken += 1
            self._fault = str(error)
        except Exception as error:  # noqa: BLE001 - goes on in the task that waits, with its traceback
            self._waiting.set_exception(error)

    def error_received(self, exc: Exception) -> None:
        """The network answered with an error: the port is closed, or there is no way."""
        self._drain_errors()
        if self._waiting is None or self._waiting.done():
            return
        if isinstance(exc, ConnectionRefusedError):
            failure = SnmpFailure(Reason.REFUSED, "nobody listens on the SNMP port")
        else:
            failure = SnmpFailure(Reason.UNREACHABLE, f"the request cannot be sent: {exc}")
        self._waiting.set_exception(failure)

    def _drain_errors(self) -> None:
        """Empties the error queue: as long as something is in it, the socket counts as readable."""
        if self._socket is None or not hasattr(socket, "MSG_ERRQUEUE"):
            return
        with contextlib.suppress(OSError):
            while True:
                self._socket.recvmsg(1, 0, socket.MSG_ERRQUEUE)

    def _silence(self) -> SnmpFailure:
        if self.forged:
            return SnmpFailure(
                Reason.AUTH,
                f"{self.forged} answers were not signed with our key and were thrown away: "
                "the device is broken, or somebody answers in its place",
            )
        if self.broken:
            return SnmpFailure(Reason.MALFORMED, f"the answer is not proper SNMP: {self._fault}")
        words = "no answer in time: device off, address or community wrong"
        if self.strangers:
            words = (
                f"no answer from the address that was asked, but {self.strangers} from "
                f"{self._stranger}: the device answers from another of its addresses, ask it there"
            )
        elif self.foreign:
            words = f"no answer in time; {self.foreign} that belonged to no question of ours"
        return SnmpFailure(Reason.TIMEOUT, words)
