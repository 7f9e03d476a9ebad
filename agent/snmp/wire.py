"""Datagrams to and from one device through gufo_snmp's sockets: patience, signatures, exceptions.

This is the boundary to the library: its exceptions end here. A BER tag of several octets makes its
Rust side panic, which Python sees as a BaseException; a closed port is a TimeoutError to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket as sockets
from collections.abc import Callable
from typing import TypeVar, cast

from gufo.snmp import SnmpAuthError, SnmpDecodeError, SnmpError
from gufo.snmp._fast import SnmpV1ClientSocket, SnmpV2cClientSocket, SnmpV3ClientSocket

from agent.probe import Reason
from agent.snmp.seal import Seal
from agent.snmp.session import Access, SnmpFailure

T = TypeVar("T")
Socket = SnmpV1ClientSocket | SnmpV2cClientSocket | SnmpV3ClientSocket
MAX_DATAGRAM = 65_535
_SILENCE = object()


class CutOff(SnmpFailure):
    """An answer without its end: cut by the device, or longer than gufo's buffer of 4,000 octets."""


class Wire:
    """One of gufo_snmp's sockets, asked one question at a time. Connected: answers from other
    addresses never reach us.

    requests: how many were sent so far. encrypted: our requests are unreadable to a device with another
    privacy password.
    """

    def __init__(self, socket: Socket, access: Access, clock: Callable[[], float]) -> None:
        self.requests = 0
        self.encrypted = False
        self._access = access
        self._clock = clock
        self._descriptor = socket.get_fd()
        self._seal: Seal | None = None
        self._window: sockets.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: asyncio.Future[object] | None = None
        self._receive: Callable[[], object] = lambda: None
        self._heard = self._forged = 0

    def expect(self, seal: Seal | None) -> None:
        """From now on answers that `seal` does not hold are thrown away."""
        if seal is not None:
            self._seal = seal
            # A second handle on the same socket, to look at a datagram before gufo takes it.
            self._window = sockets.socket(fileno=os.dup(self._descriptor))

    async def exchange(self, send: Callable[[], None], receive: Callable[[], T]) -> T | None:
        """Sends until an answer comes; None at gufo's own end of a walk. Raises SnmpFailure."""
        for _ in range(self._access.retries + 1):
            if self._access.turn is not None:
                await self._access.turn()
            wait = min(self._access.timeout_seconds, self._access.until - self._clock())
            if wait <= 0:
                break
            self.requests += 1
            with contextlib.suppress(BlockingIOError):  # a full send buffer is as good as a loss
                translated(send)
            future = self._listen(receive)
            late = future.get_loop().call_later(wait, self._late, future)
            try:
                answer = await future
            finally:
                late.cancel()
                self._waiting = None
            if answer is not _SILENCE:
                self._heard += self.encrypted
                return cast("T | None", answer)
        raise self._silence()

    def close(self) -> None:
        """Lets go of the socket; gufo_snmp closes its own handle when it is forgotten."""
        if self._loop is not None:
            self._loop.remove_reader(self._descriptor)
            self._loop = None
        if self._window is not None:
            self._window.close()

    def _listen(self, receive: Callable[[], object]) -> asyncio.Future[object]:
        """What will hold what `receive` makes of the next answer.

        The socket is watched from its first question until it is closed: to begin and to end watching
        would cost as much processor time as the question itself.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._descriptor, self._readable)
        self._receive = receive
        self._waiting = self._loop.create_future()
        return self._waiting

    @staticmethod
    def _late(future: asyncio.Future[object]) -> None:
        if not future.done():
            future.set_result(_SILENCE)

    def _readable(self) -> None:
        future = self._waiting
        if future is None or future.done():
            with contextlib.suppress(OSError):  # nobody waits for it: late, foreign, or an error
                os.read(self._descriptor, MAX_DATAGRAM)
            return
        try:
            if self._genuine():
                future.set_result(translated(self._receive))
        except BlockingIOError:
            return  # another request's answer, late or foreign: gufo dropped it, wait on
        except SnmpFailure as failure:
            future.set_exception(failure)

    def _genuine(self) -> bool:
        """Whether the datagram that waits may be given to gufo; if not, it is taken away."""
        if self._seal is None or self._window is None:
            return True
        try:
            datagram = self._window.recv(MAX_DATAGRAM, sockets.MSG_PEEK | sockets.MSG_DONTWAIT)
        except ConnectionRefusedError as error:
            raise _refused() from error
        if self._seal.holds(datagram):
            return True
        self._window.recv(MAX_DATAGRAM, sockets.MSG_DONTWAIT)
        self._forged += 1
        return False

    def _silence(self) -> SnmpFailure:
        if self._forged:
            return SnmpFailure(
                Reason.AUTH,
                f"{self._forged} answers were not signed with our key and were thrown away: "
                "the device is broken, or somebody answers in its place",
            )
        if self.encrypted and not self._heard:
            return SnmpFailure(
                Reason.AUTH,
                "the device named itself, then stayed silent to encrypted requests: "
                "the privacy password or protocol is wrong",
            )
        return SnmpFailure(
            Reason.TIMEOUT, "no answer in time: device off, address or community wrong"
        )


def translated(call: Callable[[], T]) -> T | None:
    """What `call` returns; gufo_snmp's exceptions become SnmpFailure. BlockingIOError passes."""
    try:
        return call()
    except (StopAsyncIteration, StopIteration):
        return None
    except BlockingIOError:
        raise
    except SnmpAuthError as error:
        raise SnmpFailure(
            Reason.AUTH, "the device refuses our user, password or protocol"
        ) from error
    except SnmpDecodeError as error:
        raise _undecodable(error) from error
    except SnmpError as error:
        raise SnmpFailure(Reason.MALFORMED, f"the answer cannot be used: {error}") from error
    except TimeoutError as error:  # gufo's word for ECONNREFUSED
        raise _refused() from error
    except OSError as error:
        raise SnmpFailure(Reason.UNREACHABLE, f"the request cannot be sent: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SnmpFailure(Reason.MALFORMED, "the answer is not proper SNMP") from error


def _undecodable(error: SnmpDecodeError) -> SnmpFailure:
    if "incomplete" in str(error):
        return CutOff(Reason.MALFORMED, "the answer is not proper SNMP: cut off, or too long")
    return SnmpFailure(Reason.MALFORMED, f"the answer is not proper SNMP: {error}")


def _refused() -> SnmpFailure:
    return SnmpFailure(Reason.REFUSED, "nobody listens on the SNMP port")
