"""SNMPv3 messages with the User-based Security Model (RFC 3412, 3414, 3826, 7860), client's side.

Signing, checking and ciphering is done by pysnmp's services. Its whole engine is not used: it costs
0.1 s of processor each time one is made, and one for all devices would mix up those that were
cloned with the same engine ID.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyasn1.type import namedtype, univ
from pysnmp.entity import config
from pysnmp.error import PySnmpError
from pysnmp.proto.mpmod.rfc3412 import ScopedPDU, SNMPv3Message
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel, UsmSecurityParameters

from agent.probe import Reason
from agent.snmp.messages import ANSWERS, Answer, Ask, Broken, Foreign, answer, decode, encode
from agent.snmp.messages import request as request_of
from agent.snmp.post import Forged
from agent.snmp.session import Oid, SnmpFailure

SIGNED, ENCRYPTED, REPORTABLE = 1, 2, 4
USM = 3
_MAX_TIME = 0x7FFFFFFF
WINDOW_SECONDS = 150
"""How far the clock of an authentic message may be behind (RFC 3414, 3.2.7)."""

_REPORTS: dict[Oid, str] = {
    "1.3.6.1.6.3.15.1.1.1.0": "the device does not accept this level of security for our user",
    "1.3.6.1.6.3.15.1.1.3.0": "the device does not know our user",
    "1.3.6.1.6.3.15.1.1.5.0": "the device refuses our password or protocol of authentication",
    "1.3.6.1.6.3.15.1.1.6.0": "the device cannot decipher: the privacy password or protocol is wrong",
}
NOT_IN_TIME, UNKNOWN_ENGINE = "1.3.6.1.6.3.15.1.1.2.0", "1.3.6.1.6.3.15.1.1.4.0"


class OutOfTime(Exception):  # noqa: N818 - named for what it is; never leaves the engine
    """The device wants to be asked again with the time that it has just told."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A user and the keys of its passwords, before they are made a device's own.

    authentication, privacy: pysnmp's names of the protocols; empty where the user has none.
    """

    user: bytes
    authentication: tuple[int, ...] = ()
    auth_master: Any = None
    privacy: tuple[int, ...] = ()
    privacy_master: Any = None


class SecuredForm:
    """Messages to and from one device. `clock` counts seconds.

    known: whether the device's engine was discovered; before that `wrap` asks for it.
    """

    def __init__(self, keys: Keys, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock
        self._engine = b""
        self._boots = self._time = 0
        self._told_at = 0.0
        # Of the last few messages: a slow device's answer to the first try is as good as to the third.
        self._message_ids = deque([random.randrange(1 << 16, 1 << 30)], maxlen=6)  # noqa: S311
        self._auth = SnmpUSMSecurityModel.AUTH_SERVICES.get(keys.authentication)
        self._privacy = SnmpUSMSecurityModel.PRIV_SERVICES.get(keys.privacy)
        self._auth_key: Any = None
        self._privacy_key: Any = None

    @property
    def known(self) -> bool:
        """See the class."""
        return bool(self._engine)

    @property
    def encrypts(self) -> bool:
        """Whether our requests are unreadable to a device with another privacy password."""
        return self._privacy is not None

    def greeting(self) -> bytes:
        """The question for the device's engine: unsigned, from nobody."""
        return self._message(request_of("3", Ask.GET, 0, ()), REPORTABLE, b"")

    def greeted(self, octets: bytes) -> None:
        """Learns the engine from the answer to `greeting`. Raises as `unwrap` does."""
        flags, security, scoped = self._read(octets)
        if flags & (SIGNED | ENCRYPTED):
            raise Foreign("a signed answer to a question from nobody")
        engine = bytes(security[0])
        if not 5 <= len(engine) <= 32:
            raise Broken("an engine id of a wrong length")
        if not _plain(scoped).report:
            raise Foreign("no report")
        self._engine = engine
        self._set_time(int(security[1]), int(security[2]))
        if self._auth is not None:
            theirs = OctetString(engine)
            self._auth_key = self._auth.localize_key(self._keys.auth_master, theirs)
            if self._privacy is not None:
                self._privacy_key = self._privacy.localize_key(
                    self._keys.authentication, self._keys.privacy_master, theirs
                )

    def wrap(self, pdu: Any) -> bytes:
        """The message that carries a request, signed and encrypted as the user's keys allow."""
        flags = REPORTABLE
        if self._auth is not None:
            flags |= SIGNED
        if self._privacy is not None:
            flags |= ENCRYPTED
        return self._message(pdu, flags, self._keys.user)

    def unwrap(self, octets: bytes) -> Answer:
        """The answer in a message that the device signed, where our user signs at all.

        Raises Broken, Foreign, Forged; OutOfTime after having set our idea of the device's clock;
        SnmpFailure (AUTH) for a report that the device does not accept us.
        """
        flags, security, scoped = self._read(octets)
        if bytes(security[0]) != self._engine:
            raise Foreign("another engine")
        signed = bool(flags & SIGNED)
        if signed:
            self._check(security, octets)
        found = self._open(flags, security, scoped)
        if found.report:
            self._complaint(found, signed)
        if (self._auth is not None and not signed) or bytes(security[3]) != self._keys.user:
            raise Forged
        if self._privacy is not None and not flags & ENCRYPTED:
            raise Forged
        return found

    def _message(self, pdu: Any, flags: int, user: bytes) -> bytes:
        self._message_ids.append(self._message_ids[-1] % 0x7FFFFFFF + 1)
        scoped = ScopedPDU()
        scoped[0], scoped[1] = self._engine, b""
        scoped.setComponentByPosition(2)
        scoped[2].setComponentByType(
            pdu.tagSet, pdu, verifyConstraints=False, matchTags=False, matchConstraints=False
        )
        now = self._now()
        cipher, salt = b"", b""
        if flags & ENCRYPTED and self._privacy is not None:
            times = (self._boots, now, None)
            cipher, salt = self._privacy.encrypt_data(self._privacy_key, times, encode(scoped))
        security = UsmSecurityParameters()
        blank = bytes(self._auth.digest_length) if flags & SIGNED and self._auth else b""
        for at, part in enumerate((self._engine, self._boots, now, user, blank, salt)):
            security[at] = part
        message = SNMPv3Message()
        message[0] = 3
        header = message.setComponentByPosition(1)[1]
        for at, part in enumerate((self._message_ids[-1], 65_507, bytes((flags,)), USM)):
            header[at] = part
        message[2] = encode(security)
        body = message.setComponentByPosition(3)[3]
        if flags & ENCRYPTED:
            body["encryptedPDU"] = cipher
        else:
            body["plaintext"] = scoped
        octets = encode(message)
        if flags & SIGNED and self._auth is not None:
            octets = self._auth.authenticate_outgoing_message(self._auth_key, octets)
        return octets

    def _read(self, octets: bytes) -> tuple[int, Any, Any]:
        """Flags, security parameters and the scoped part."""
        message = decode(octets, _MESSAGE)
        header = message[1]
        if int(message[0]) != 3 or int(header[3]) != USM or len(header[2]) != 1:
            raise Broken("not a message of SNMPv3 with the User-based Security Model")
        if int(header[0]) not in self._message_ids:
            raise Foreign("another message")
        security = decode(bytes(message[2]), _SECURITY)
        return bytes(header[2])[0], security, message[3]

    def _check(self, security: Any, octets: bytes) -> None:
        """Raises Forged unless the message is signed with our key and as young as it should be."""
        if self._auth is None or self._auth_key is None:
            raise Forged
        try:
            self._auth.authenticate_incoming_message(self._auth_key, security[4], octets)
        except PySnmpError as error:
            raise Forged from error
        boots, time = int(security[1]), int(security[2])
        if boots < self._boots or (boots == self._boots and time < self._now() - WINDOW_SECONDS):
            raise Forged
        if boots > self._boots or time > self._time:
            self._set_time(boots, time)

    def _open(self, flags: int, security: Any, scoped: Any) -> Answer:
        if not flags & ENCRYPTED:
            return _plain(scoped)
        if not flags & SIGNED or self._privacy is None or scoped.getName() != "encrypted":
            raise Forged
        times = (int(security[1]), int(security[2]), security[5])
        try:
            octets = self._privacy.decrypt_data(self._privacy_key, times, scoped.getComponent())
        except (PySnmpError, ValueError) as error:
            raise Broken("the answer cannot be deciphered") from error
        return answer(decode(bytes(octets), _SCOPED, padded=True)[2])

    def _complaint(self, report: Answer, signed: bool) -> None:
        """Raises for what a report says. Unsigned, it can do no more than say that we are refused."""
        name = report.rows[0][0] if report.rows else ""
        if name == NOT_IN_TIME and (signed or self._auth is None):
            raise OutOfTime
        if name in _REPORTS:
            raise SnmpFailure(Reason.AUTH, _REPORTS[name])
        raise Foreign("a report of no use")

    def _now(self) -> int:
        """What the device's clock should say."""
        if not self._engine:
            return 0
        return min(self._time + int(self._clock() - self._told_at), _MAX_TIME)

    def _set_time(self, boots: int, time: int) -> None:
        if not (0 <= boots <= _MAX_TIME and 0 <= time <= _MAX_TIME):
            raise Broken("an impossible engine time")
        self._boots, self._time, self._told_at = boots, time, self._clock()


def _plain(scoped: Any) -> Answer:
    if scoped.getName() != "plain":
        raise Broken("encrypted and not marked so")
    return answer(scoped.getComponent()[2])


def _sequence(*parts: Any) -> Any:
    members = [namedtype.NamedType(f"part{at}", part) for at, part in enumerate(parts)]
    return univ.Sequence(componentType=namedtype.NamedTypes(*members))


_NUMBER, _OCTETS = univ.Integer(), univ.OctetString()
_SECURITY = _sequence(_OCTETS, _NUMBER, _NUMBER, _OCTETS, _OCTETS, _OCTETS)
_SCOPED = _sequence(_OCTETS, _OCTETS, ANSWERS)
_BODY = univ.Choice(
    componentType=namedtype.NamedTypes(
        namedtype.NamedType("plain", _SCOPED), namedtype.NamedType("encrypted", _OCTETS)
    )
)
_MESSAGE = _sequence(_NUMBER, _sequence(_NUMBER, _NUMBER, _OCTETS, _NUMBER), _OCTETS, _BODY)

AUTHENTICATION: dict[str, tuple[int, ...]] = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
# Keys for AES-192/256 are stretched in two ways: Blumenthal's draft, and Reeder's, which Cisco has.
PRIVACY: dict[str, tuple[int, ...]] = {
    "des": config.USM_PRIV_CBC56_DES,
    "aes128": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": config.USM_PRIV_CFB192_AES,
    "aes256c": config.USM_PRIV_CFB256_AES,
}
