"""SNMPv3 users as a receiver sees them (User-based Security Model, RFC 3414, 3826, 7860).

For a trap the sender's clock and engine count, for an inform our own: its sender asks for them first.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pysnmp.error import PySnmpError
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel

from agent.snmp.seal import SIGNATURES
from agent.snmp.secured import AUTHENTICATION, PRIVACY, WINDOW_SECONDS
from agent.traps.ber import OCTETS, Broken, content, element
from agent.traps.messages import ENCRYPTED, SIGNED, Secured, report, secured_message
from agent.traps.refusal import Greeting, Refusal, Refused
from inventory.credentials import Credentials

# usmStatsUnknownEngineIDs.0 and usmStatsNotInTimeWindows.0 (RFC 3414, 5), as content octets.
_UNKNOWN_ENGINE = bytes.fromhex("2b060106030f01010400")
_NOT_IN_TIME = bytes.fromhex("2b060106030f01010200")
_PYSNMP_NUMBER = 20_408
"""The enterprise number of pysnmp: an engine ID begins with one, and we have none of our own."""
MAX_BOOTS = 0x7FFFFFFF
MAX_ENGINES = 4
"""Engines remembered of one device: it has one, and another after its board was changed."""


class OwnEngine:
    """Who we are to the senders of informs, and our clock (RFC 3411, 5; RFC 3414, 2.2).

    boots: must grow with each start, so it is the minute of the start, which needs no file to keep.
    """

    def __init__(self, name: str, now: float, monotonic: Callable[[], float]) -> None:
        head = (0x80000000 | _PYSNMP_NUMBER).to_bytes(4, "big")
        self.id = head + b"\x04" + name.encode()[:27]  # 4: a text that the administrator chose
        self.boots = int(now / 60) & MAX_BOOTS
        self._monotonic, self._began = monotonic, monotonic()

    def time(self) -> int:
        """Seconds since the start."""
        return int(self._monotonic() - self._began)


class Masters:
    """The keys that passwords give. A password becomes a key by hashing a megabyte, in a thread here."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "trap-keys")
        self._known: dict[tuple[str, bytes], Future[Any]] = {}

    def of(self, protocol: str, password: str) -> Future[Any]:
        """The key, ready soon. protocol: the inventory's word."""
        key = protocol, password.encode()
        if key not in self._known:
            service = SnmpUSMSecurityModel.AUTH_SERVICES[AUTHENTICATION[protocol]]
            self._known[key] = self._thread.submit(service.hash_passphrase, key[1])
        return self._known[key]

    def close(self) -> None:
        """Lets go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class _Clock:
    """What an engine's clock said last, and when."""

    boots: int
    time: int
    at: float


class User:
    """The user of one device. Raises ConfigError when made while a password cannot be looked up."""

    def __init__(
        self,
        credentials: Credentials,
        masters: Masters,
        own: OwnEngine,
        monotonic: Callable[[], float],
    ) -> None:
        self.name = (credentials.user or "").encode()
        self._own, self._monotonic = own, monotonic
        self._auth = str(credentials.auth.protocol) if credentials.auth else ""
        self._clocks: OrderedDict[bytes, _Clock] = OrderedDict()
        self._privacy: Any = None
        if credentials.auth:
            self._auth_master = masters.of(self._auth, credentials.auth.password.reveal())
        if credentials.privacy:
            self._privacy = SnmpUSMSecurityModel.PRIV_SERVICES[
                PRIVACY[str(credentials.privacy.protocol)]
            ]
            self._privacy_master = masters.of(self._auth, credentials.privacy.password.reveal())

    @property
    def flags(self) -> int:
        """How its messages must be secured."""
        return (SIGNED if self._auth else 0) | (ENCRYPTED if self._privacy else 0)

    def opened(self, octets: bytes, outside: Secured) -> bytes:
        """The inside of a message of this user. Raises Refusal, Broken, or Greeting for a wrong clock."""
        wanted = self.flags
        if outside.user != self.name or outside.flags & (SIGNED | ENCRYPTED) != wanted:
            raise Refusal(Refused.WRONG_USER)
        if wanted & SIGNED:
            self._check(octets, outside)
        if not wanted & ENCRYPTED:
            return octets[outside.scoped.at : outside.scoped.end]
        cipher = content(octets, outside.scoped)
        times = (outside.boots, outside.time, OctetString(outside.salt))
        try:
            key = self._privacy_key(outside.engine)
            return bytes(self._privacy.decrypt_data(key, times, OctetString(cipher)))
        except (PySnmpError, ValueError) as error:
            raise Broken from error

    def answered(self, outside: Secured, scoped: bytes) -> bytes:
        """The message that carries our answer to an inform, secured as the inform was."""
        return self._sealed(outside, self.flags, scoped)

    def _check(self, octets: bytes, outside: Secured) -> None:
        length, at = SIGNATURES[self._auth][1], outside.signature
        if at.end - at.begin != length:
            raise Refusal(Refused.WRONG_USER)
        unsigned = octets[: at.begin] + bytes(length) + octets[at.end :]
        if not hmac.compare_digest(self._signature(outside.engine, unsigned), content(octets, at)):
            raise Refusal(Refused.WRONG_USER)
        if outside.engine == self._own.id:
            self._check_by_own_clock(outside)
        else:
            self._check_by_their_clock(outside)

    def _check_by_own_clock(self, outside: Secured) -> None:
        """An inform (RFC 3414, 3.2.7a): who is out of time is told ours, signed."""
        off = abs(outside.time - self._own.time())
        if outside.boots != self._own.boots or off > WINDOW_SECONDS:
            inside = report(self._own.id, _NOT_IN_TIME)
            raise Greeting(self._sealed(outside, SIGNED, inside))

    def _check_by_their_clock(self, outside: Secured) -> None:
        """A trap (RFC 3414, 3.2.7b): no older than the newest one, which tells their clock."""
        now, boots, time = self._monotonic(), outside.boots, outside.time
        known = self._clocks.pop(outside.engine, None) or _Clock(boots, time, now)
        expected = known.time + (now - known.at)
        self._clocks[outside.engine] = known
        if len(self._clocks) > MAX_ENGINES:
            self._clocks.popitem(last=False)
        late = boots == known.boots and time < expected - WINDOW_SECONDS
        if boots < known.boots or late or not 0 <= boots < MAX_BOOTS:
            raise Refusal(Refused.OUT_OF_TIME)
        if boots > known.boots or time > expected:
            self._clocks[outside.engine] = _Clock(boots, time, now)

    def _sealed(self, outside: Secured, flags: int, scoped: bytes) -> bytes:
        own, salt, inside = self._own, b"", scoped
        time = own.time()
        if flags & ENCRYPTED:
            key = self._privacy_key(own.id)
            cipher, salted = self._privacy.encrypt_data(key, (own.boots, time, None), scoped)
            salt, inside = bytes(salted), element(OCTETS, bytes(cipher))
        head = (outside.id, flags, own.id, own.boots, time, self.name)
        if not flags & SIGNED:
            return secured_message(head, b"", salt, inside)[0]
        length = SIGNATURES[self._auth][1]
        message, at = secured_message(head, bytes(length), salt, inside)
        return message[:at] + self._signature(own.id, message) + message[at + length :]

    def _signature(self, engine: bytes, message: bytes) -> bytes:
        hash_, length = SIGNATURES[self._auth]
        master = bytes(self._auth_master.result())
        key = hashlib.new(hash_, master + engine + master).digest()
        return hmac.digest(key, message, hash_)[:length]

    def _privacy_key(self, engine: bytes) -> Any:
        return self._privacy.localize_key(
            AUTHENTICATION[self._auth], self._privacy_master.result(), OctetString(engine)
        )


def introduction(own: OwnEngine, outside: Secured) -> bytes:
    """What the sender of an inform is told who does not know our engine yet: unsigned, as it must be."""
    head = (outside.id, 0, own.id, own.boots, own.time(), b"")
    return secured_message(head, b"", b"", report(own.id, _UNKNOWN_ENGINE))[0]
