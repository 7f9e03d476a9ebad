"""pysnmp (pure Python) behind the session contract: v1, v2c and v3, wherever there is no gufo_snmp.

What of it is used and what is not: its message formats, values and security services, below its
high-level interface. That one takes the answer to v1 and v2c from any address and with any community, lets
broken BER escape into the event loop, and needs an SNMP engine of 0.1 s of processor time for v3.
A GET of ten objects costs 2.1 ms of processor time (v3: 2.8), with gufo_snmp 0.15 (0.24).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel

from agent.probe import Reason
from agent.snmp.messages import Answer, Ask, CommunityForm, Foreign, Missing, Status, request
from agent.snmp.post import Post
from agent.snmp.secured import AUTHENTICATION, PRIVACY, Keys, OutOfTime, SecuredForm
from agent.snmp.session import USUAL_LIMITS, Access, Oid, SnmpFailure, Value, Walk, WalkLimits
from agent.snmp.walker import WalkGuard, best_walk
from inventory.credentials import Credentials
from telemetry.errors import ConfigError

MAX_OIDS = 50
"""Objects in one GET: 60 of them make Catalysts answer tooBig."""


class PysnmpEngine:
    """Opens sessions through pysnmp. `clock` counts seconds, as `Access.until` does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._masters: dict[tuple[tuple[int, ...], bytes], Any] = {}

    async def open(self, access: Access) -> PysnmpSession:
        """A session with the device; SNMPv3 discovers the device's engine first."""
        form = await self._form(access.credentials)
        post = Post(access, self._clock)
        await post.start()
        session = PysnmpSession(post, form, self._clock)
        try:
            await session.discover()
        except BaseException:
            session.close()
            raise
        return session

    async def _form(self, who: Credentials) -> CommunityForm | SecuredForm:
        if who.version == "3":
            return SecuredForm(await self._keys(who), self._clock)
        if who.community is None:
            raise ConfigError(f"credentials {who.id}: SNMP {who.version} needs a community")
        return CommunityForm(who.version, who.community.reveal())

    async def _keys(self, who: Credentials) -> Keys:
        """The user's keys. Raises ConfigError for what pysnmp or SNMPv3 cannot do."""
        if not who.user:
            raise ConfigError(f"credentials {who.id}: SNMPv3 needs a user")
        user = who.user.encode()
        if who.auth is None:
            if who.privacy is not None:
                raise ConfigError(f"credentials {who.id}: privacy needs auth beside it")
            return Keys(user)
        auth = _known(AUTHENTICATION, who.id, "auth", str(who.auth.protocol))
        auth_master = await self._master(auth, who.id, who.auth.password.reveal())
        if who.privacy is None:
            return Keys(user, auth, auth_master)
        privacy = _known(PRIVACY, who.id, "privacy", str(who.privacy.protocol))
        privacy_master = await self._master(auth, who.id, who.privacy.password.reveal())
        return Keys(user, auth, auth_master, privacy, privacy_master)

    async def _master(self, auth: tuple[int, ...], id_: str, password: str) -> Any:
        """A password's key, made once: it takes a megabyte of hashing, so it is done in a thread."""
        if not password:
            raise ConfigError(f"credentials {id_}: the SNMPv3 password is empty")
        secret = password.encode()
        if (auth, secret) not in self._masters:
            service = SnmpUSMSecurityModel.AUTH_SERVICES[auth]
            self._masters[auth, secret] = await asyncio.to_thread(service.hash_passphrase, secret)
        return self._masters[auth, secret]


class PysnmpSession:
    """A session with one device. Made by `PysnmpEngine.open`."""

    def __init__(
        self, post: Post, form: CommunityForm | SecuredForm, clock: Callable[[], float]
    ) -> None:
        self._post = post
        self._form = form
        self._clock = clock
        self._heard = False
        self.splits = 0
        self.tags: dict[Oid, int] | None = None
        """Where it is a mapping, the type of every object that comes is noted in it."""
        self._last_id = random.randrange(1 << 8, 1 << 30)  # noqa: S311 - a number, no secret

    @property
    def requests(self) -> int:
        """See `Session`."""
        return self._post.requests

    @property
    def dropped(self) -> int:
        """How many datagrams were thrown away: from strangers, to no question of ours, broken, forged."""
        post = self._post
        return post.strangers + post.foreign + post.broken + post.forged

    @property
    def _bulk(self) -> bool:
        return not (isinstance(self._form, CommunityForm) and self._form.version == "1")

    async def discover(self) -> None:
        """Learns the device's engine, where the version has one."""
        if isinstance(self._form, SecuredForm):
            await self._post.exchange(self._form.greeting, self._form.greeted)

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        """See `Session.get`. More than `MAX_OIDS` are asked for in several requests."""
        found: dict[Oid, Value | None] = dict.fromkeys(oids)
        for start in range(0, len(oids), MAX_OIDS):
            for oid, value in await self._get(oids[start : start + MAX_OIDS]):
                if oid in found and not isinstance(value, Missing):
                    found[oid] = value
        return found

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        """See `Session.walk`."""
        return await best_walk(limits, self._bulk, partial(self._steps, prefix, limits))

    async def after(self, oid: Oid, rows: int) -> list[tuple[Oid, Value]]:
        """What follows `oid` in the device's order, at most `rows` objects (0: one, by GETNEXT). None at the
        end of everything, or where the device cannot do that many. Raises SnmpFailure as `get` does.
        """
        bulk = bool(rows) and self._bulk
        found = await self._ask(Ask.GETBULK if bulk else Ask.GETNEXT, [oid], rows)
        if found.status != Status.NO_ERROR:
            return []
        return [(name, v) for name, v in found.rows if not isinstance(v, Missing)]

    def close(self) -> None:
        """See `Session.close`."""
        self._post.close()

    async def _get(self, oids: Sequence[Oid]) -> tuple[tuple[Oid, Value | Missing], ...]:
        """The rows of an answer without error: leaves out the object that the device names as the cause,
        or asks by halves."""
        left = list(oids)
        while left:
            found = await self._ask(Ask.GET, left)
            if found.status == Status.NO_ERROR:
                return found.rows
            if len(left) == 1:
                return ()
            if found.status == Status.TOO_BIG or not 1 <= found.index <= len(left):
                self.splits += 1
                half = len(left) // 2
                return (*await self._get(left[:half]), *await self._get(left[half:]))
            del left[found.index - 1]
        return ()

    async def _steps(self, prefix: Oid, limits: WalkLimits, rows: int) -> tuple[Walk, bool]:
        """One walk with `rows` at once (0: GETNEXT), and whether its end is certain."""
        guard = WalkGuard(prefix, limits, self._clock)
        here = prefix
        while True:
            found = await self._ask(Ask.GETBULK if rows else Ask.GETNEXT, [here], rows)
            if found.status != Status.NO_ERROR or not found.rows:
                return guard.walk(), not rows
            good = [row for row in found.rows if row[1] is not Missing.END]
            rows_ = ((oid, None if isinstance(v, Missing) else v) for oid, v in good)
            if not guard.take(rows_) or len(good) < len(found.rows):
                return guard.walk(), True
            here = good[-1][0]

    async def _ask(self, ask: Ask, oids: Sequence[Oid], rows: int = 0) -> Answer:
        version = self._form.version if isinstance(self._form, CommunityForm) else "3"
        self._last_id = self._last_id % 0x7FFFFFFF + 1
        pdu = request(version, ask, self._last_id, oids, rows)
        for _ in range(2):
            try:
                found = await self._exchange(pdu)
                break
            except OutOfTime:
                continue
        else:
            raise SnmpFailure(
                Reason.AUTH, "the device does not accept the time that it told itself"
            )
        self._heard = True
        if self.tags is not None:
            # The end of everything comes with the name of the last object and no type.
            named = zip((name for name, _ in found.rows), found.tags, strict=True)
            self.tags.update((name, tag) for name, tag in named if tag)
        if found.status == Status.AUTHORIZATION:
            raise SnmpFailure(Reason.AUTH, "the device does not let us read this")
        return found

    async def _exchange(self, pdu: Any) -> Answer:
        def opened(octets: bytes) -> Answer:
            found = self._form.unwrap(octets)
            if found.id != self._last_id or found.report:
                raise Foreign("the answer to another question")
            return found

        try:
            return await self._post.exchange(lambda: self._form.wrap(pdu), opened)
        except SnmpFailure as failure:
            unread = isinstance(self._form, SecuredForm) and self._form.encrypts
            if failure.reason is Reason.TIMEOUT and unread and not self._heard:
                raise SnmpFailure(
                    Reason.AUTH,
                    "the device named itself, then stayed silent to encrypted requests: "
                    "the privacy password or protocol is wrong",
                ) from failure
            raise


def _known(kinds: dict[str, tuple[int, ...]], id_: str, key: str, protocol: str) -> tuple[int, ...]:
    found = kinds.get(protocol)
    if found is None:
        raise ConfigError(
            f"credentials {id_}: {key} protocol {protocol} is not one that the engine pysnmp "
            f"speaks: {', '.join(kinds)}"
        )
    return found
