"""gufo_snmp (Rust) behind the session contract: v1, v2c and v3, 0.1 ms of processor a request.

What it does not tell, and what is done about it here:
- Its own iterators follow an agent in circles for ever; the sockets below them are driven one
  request at a time, and every row passes `WalkGuard`.
- An answer with an error status (tooBig, noSuchName, genErr) looks like an answer without objects.
  When nothing came, the request is repeated with an object that is known to exist: if that one is
  missing too, the answer was an error, and the request is halved until its parts pass.
- A GETBULK answered with an error looks like the end of the view: where a walk ends without having
  left its subtree, one GETNEXT tells which; if rows are left, fewer are asked for at once.
- Its buffer holds about 4,000 octets: a longer answer looks cut off, and is asked for in smaller parts.
- It does not check the signature of an SNMPv3 answer: `Seal` does, before gufo gets to see it.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from gufo.snmp import User
from gufo.snmp._fast import (
    GetIter,
    SnmpV1ClientSocket,
    SnmpV2cClientSocket,
    SnmpV3ClientSocket,
)

from agent.probe import Reason
from agent.snmp.session import (
    USUAL_LIMITS,
    Access,
    Oid,
    SnmpFailure,
    Value,
    Walk,
    WalkLimits,
)
from agent.snmp.usm import UserKeys
from agent.snmp.walker import WalkGuard, best_walk
from agent.snmp.wire import CutOff, Socket, Wire, translated
from inventory.credentials import Credentials
from telemetry.errors import ConfigError

S = TypeVar("S")
Row = tuple[Oid, Value]

MAX_OIDS = 50
"""Objects in one GET: the answer to 60 of them no longer fits what many devices send."""


class GufoEngine:
    """Opens sessions through gufo_snmp. `clock` counts seconds, as `Access.until` does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._keys = UserKeys()

    async def open(self, access: Access) -> GufoSession:
        """A session with the device; SNMPv3 discovers the device's engine first."""
        if access.credentials.version != "3":
            return GufoSession(_community_socket(access), access, self._clock)
        self._keys.user(access.credentials)  # what is wrong with them, before anything is sent
        nobody = User.default()
        socket = _socket(SnmpV3ClientSocket, access, b"", nobody.name, *_keys_of(nobody))
        session = GufoSession(socket, access, self._clock)
        try:
            await session.discover(socket, self._keys, access.credentials)
        except BaseException:
            session.close()
            raise
        return session


class GufoSession:
    """A session over one of gufo_snmp's sockets. Made by `GufoEngine.open`."""

    def __init__(self, socket: Socket, access: Access, clock: Callable[[], float]) -> None:
        self._socket: Socket | None = socket
        self.splits = 0
        self._wire = Wire(socket, access, clock)
        self._clock = clock
        self._bulk = not isinstance(socket, SnmpV1ClientSocket)
        self._known: Oid | None = None

    @property
    def requests(self) -> int:
        """See `Session`."""
        return self._wire.requests

    async def discover(self, socket: SnmpV3ClientSocket, keys: UserKeys, who: Credentials) -> None:
        """Learns engine id, boots and time, then proves that the device takes our keys."""
        user = keys.user(who)
        await self._wire.exchange(socket.send_refresh, socket.recv_refresh)
        socket.set_keys(user.name, *_keys_of(user))
        self._wire.encrypted = user.priv_key is not None
        self._wire.expect(keys.seal(who, socket.get_engine_id()))
        if user.require_auth():
            await self._wire.exchange(socket.send_refresh, socket.recv_refresh)

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        """See `Session.get`. More than `MAX_OIDS` are asked for in several requests."""
        if len(oids) <= MAX_OIDS:
            answer = await self._get(oids)
        else:
            answer = {}
            for start in range(0, len(oids), MAX_OIDS):
                answer |= await self._get(oids[start : start + MAX_OIDS])
        return {oid: answer.get(oid) for oid in oids}

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        """See `Session.walk`."""
        return await best_walk(limits, self._bulk, partial(self._steps, prefix, limits))

    def close(self) -> None:
        """See `Session.close`."""
        self._wire.close()
        self._socket = None

    def _open_socket(self) -> Socket:
        if self._socket is None:
            raise SnmpFailure(Reason.INTERNAL, "the session is closed")
        return self._socket

    async def _get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The objects that exist, of at most `MAX_OIDS`; halves the request on an error status, and when
        the answer cannot be read, which it may be because it is longer than gufo's buffer."""
        try:
            answer = await self._get_once(oids)
        except CutOff:
            if len(oids) < 2:
                raise
            return await self._halves(oids)
        if answer or not oids:
            return answer
        if self._known is not None and self._known not in oids:
            answer = await self._get_once([*oids, self._known])
            if answer:
                return answer
        if len(oids) == 1:
            return {}
        return await self._halves(oids)

    async def _halves(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        self.splits += 1
        half = len(oids) // 2
        return {**await self._get(oids[:half]), **await self._get(oids[half:])}

    async def _get_once(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        socket = self._open_socket()
        asked = list(oids)
        answer = await self._wire.exchange(
            lambda: socket.send_get_many(asked), socket.recv_get_many
        )
        found = {oid: value for oid, value in (answer or {}).items() if value is not None}
        if self._known is None:
            self._known = next((oid for oid in found if oid.endswith(".0") and oid in asked), None)
        return found

    async def _steps(self, prefix: Oid, limits: WalkLimits, repetitions: int) -> tuple[Walk, bool]:
        """One walk with that many rows at once (0: GETNEXT), and whether its end is certain."""
        guard = WalkGuard(prefix, limits, self._clock)
        cursor = GetIter(prefix, repetitions or None)
        step = self._next_bulk if repetitions else self._next
        try:
            while (rows := await step(cursor)) is not None:
                good = [row for row in rows if row is not None]
                if not guard.take(good) or len(good) < len(rows):
                    return guard.walk(), True
        except CutOff:
            if not repetitions:
                raise
            return guard.walk(), False  # fewer rows may fit in gufo's buffer
        # No rows: the end of the view, or a GETBULK that the device cannot do. GETNEXT tells.
        return guard.walk(), not repetitions or await self._next(cursor) is None

    async def _next_bulk(self, cursor: GetIter) -> list[Row | None] | None:
        socket = self._open_socket()
        rows = await self._wire.exchange(
            lambda: socket.send_get_bulk(cursor), lambda: socket.recv_get_bulk(cursor)
        )
        # gufo marks the first row beyond the subtree as None, leaves rows without a value out.
        return None if not rows else [_row(row) for row in rows]

    async def _next(self, cursor: GetIter) -> list[Row | None] | None:
        socket = self._open_socket()
        row = await self._wire.exchange(
            lambda: socket.send_get_next(cursor), lambda: socket.recv_get_next(cursor)
        )
        return None if row is None else [_row(row)]


def _row(row: tuple[str, object] | None) -> Row | None:
    if row is None:
        return None
    oid, value = row
    return oid, value if isinstance(value, int | float | bytes | str) else b""


def _community_socket(access: Access) -> Socket:
    credentials = access.credentials
    if credentials.community is None:
        raise ConfigError(
            f"credentials {credentials.id}: SNMP {credentials.version} needs a community"
        )
    community = credentials.community.reveal()
    if credentials.version == "1":
        return _socket(SnmpV1ClientSocket, access, community)
    return _socket(SnmpV2cClientSocket, access, community)


def _socket(kind: Callable[..., S], access: Access, *arguments: object) -> S:
    """A connected, non-blocking socket: answers from other addresses never reach us."""
    host = ipaddress.ip_address(access.address)
    where = f"[{host}]:{access.port}" if host.version == 6 else f"{host}:{access.port}"
    made = translated(lambda: kind(where, *arguments, 0, 0, 0, 0))
    if made is None:
        raise SnmpFailure(Reason.INTERNAL, "gufo_snmp made no socket")
    return made


def _keys_of(user: User) -> tuple[int, bytes, int, bytes]:
    return user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key()
