"""SNMP messages as octets, by the message formats of pysnmp and the BER of pyasn1; no network here.

Requests are pysnmp's own objects. Answers are read by looser forms than pysnmp's: its types refuse
a Counter32 beyond 32 bits or below zero, and then the nineteen good objects beside it are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ
from pysnmp.proto import api

from agent.snmp.session import Oid, Value

V1 = api.PROTOCOL_MODULES[api.SNMP_VERSION_1]
V2C = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
VERSIONS = {"1": V1, "2c": V2C}


class Ask(IntEnum):
    """The kinds of request, by their tag (RFC 3416)."""

    GET = 0
    GETNEXT = 1
    GETBULK = 5


class Missing(Enum):
    """What an answer says in place of a value: there is no such object, or nothing comes after it."""

    OBJECT = "object"
    END = "end"


class Status(IntEnum):
    """The error states of an answer (RFC 3416) that make a difference to us."""

    NO_ERROR = 0
    TOO_BIG = 1
    AUTHORIZATION = 16


class Broken(Exception):  # noqa: N818 - named for what it is; never leaves the engine
    """The octets are no SNMP message."""


class Foreign(Exception):  # noqa: N818 - named for what it is; never leaves the engine
    """A message, but not the answer to our question."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response or (SNMPv3) a report. status, index: the error and the first object it is about. tags: for
    each row the BER tag of its value's type, which the values themselves do not tell.
    """

    id: int
    status: int
    index: int
    rows: tuple[tuple[Oid, Value | Missing], ...]
    report: bool = False
    tags: tuple[int, ...] = ()


def request(version: str, ask: Ask, id_: int, oids: Sequence[Oid], repetitions: int = 0) -> Any:
    """A request as pysnmp's object. `repetitions`: rows at once, for GETBULK."""
    form = VERSIONS.get(version, V2C)
    names = [(oid, form.Null("")) for oid in oids]
    if ask is Ask.GETBULK:
        bulk = V2C.GetBulkRequestPDU()
        V2C.apiBulkPDU.set_defaults(bulk)
        V2C.apiBulkPDU.set_request_id(bulk, id_)
        V2C.apiBulkPDU.set_non_repeaters(bulk, 0)
        V2C.apiBulkPDU.set_max_repetitions(bulk, repetitions)
        V2C.apiBulkPDU.set_varbinds(bulk, names)
        return bulk
    pdu = form.GetRequestPDU() if ask is Ask.GET else form.GetNextRequestPDU()
    form.apiPDU.set_defaults(pdu)
    form.apiPDU.set_request_id(pdu, id_)
    form.apiPDU.set_varbinds(pdu, names)
    return pdu


def encode(thing: Any) -> bytes:
    """The octets of one of pysnmp's objects."""
    octets: bytes = encoder.encode(thing)
    return octets


def decode(octets: bytes, form: Any, padded: bool = False) -> Any:
    """The octets read by `form`; nothing may be left over, unless `padded`. Raises Broken."""
    try:
        found, rest = decoder.decode(octets, asn1Spec=form)
    except (PyAsn1Error, ValueError, IndexError, OverflowError, RecursionError) as error:
        raise Broken(str(error).splitlines()[0][:120] if str(error) else "cut off") from error
    if rest and not padded:
        raise Broken(f"{len(rest)} octets too many")
    return found


class CommunityForm:
    """Messages of SNMPv1 and SNMPv2c: a version, the community in plain, and the request."""

    def __init__(self, version: str, community: str) -> None:
        self.version = version
        self._form = VERSIONS[version]
        self._community = community.encode()

    def wrap(self, pdu: Any) -> bytes:
        """The message that carries a request."""
        message = self._form.Message()
        self._form.apiMessage.set_defaults(message)
        self._form.apiMessage.set_community(message, self._community)
        self._form.apiMessage.set_pdu(message, pdu)
        return encode(message)

    def unwrap(self, octets: bytes) -> Answer:
        """The answer in a message. Raises Broken, or Foreign for another version or community."""
        message = decode(octets, _MESSAGE)
        if int(message[0]) != (0 if self.version == "1" else 1):
            raise Foreign("another version")
        if bytes(message[1]) != self._community:
            raise Foreign("another community")
        return answer(message[2])


def answer(pdu: Any) -> Answer:
    """What stands in a response or report that was read by our forms. Raises Broken."""
    kind, body = pdu.getName(), pdu.getComponent()
    try:
        rows = tuple((str(row[0]), _value(row[1])) for row in body[3])
        tags = tuple(_TAGS.get(row[1].getName(), 0) for row in body[3])
        return Answer(int(body[0]), int(body[1]), int(body[2]), rows, kind == "report", tags)
    except (PyAsn1Error, ValueError, OverflowError) as error:  # a number of thousands of digits
        raise Broken("an object identifier or number that is none") from error


def _value(chosen: Any) -> Value | Missing:
    kind, value = chosen.getName(), chosen.getComponent()
    if kind == "integer" or kind in _WIDTHS:
        return _whole(int(value), _WIDTHS.get(kind, 0))
    if kind == "oid":
        return str(value)
    if kind == "address":
        octets = bytes(value)
        return ".".join(str(octet) for octet in octets) if len(octets) == 4 else octets
    if kind in ("octets", "opaque"):
        return bytes(value)
    return Missing.END if kind == "end" else Missing.OBJECT


def _whole(number: int, unsigned_bits: int) -> int | Missing:
    """A number that SNMP has; what was sent as signed and is not counts as what its octets say."""
    if unsigned_bits and -(1 << unsigned_bits - 1) <= number < 0:
        return number + (1 << unsigned_bits)
    return number if -(1 << 63) <= number < 1 << 64 else Missing.OBJECT


_TAGS = {
    "integer": 2,
    "octets": 4,
    "oid": 6,
    "address": 64,
    "counter32": 65,
    "gauge32": 66,
    "unsigned32": 66,  # the name that RFC 1442 had for it
    "ticks": 67,
    "opaque": 68,
    "counter64": 70,
}
_WIDTHS = {"counter32": 32, "gauge32": 32, "ticks": 32, "counter64": 64, "unsigned32": 32}


def _tagged(kind: Any, number: int, family: int = tag.tagClassApplication) -> Any:
    return kind.subtype(implicitTag=tag.Tag(family, tag.tagFormatSimple, number))


def _form_of(base: type[Any], **parts: Any) -> Any:
    members = [namedtype.NamedType(name, kind) for name, kind in parts.items()]
    return base(componentType=namedtype.NamedTypes(*members))


_CONTEXT = tag.tagClassContext
_NUMBER, _OCTETS, _NOTHING = univ.Integer(), univ.OctetString(), univ.Null()
_VALUE = _form_of(
    univ.Choice,
    integer=_NUMBER,
    octets=_OCTETS,
    nothing=_NOTHING,
    oid=univ.ObjectIdentifier(),
    address=_tagged(_OCTETS, 0),
    counter32=_tagged(_NUMBER, 1),
    gauge32=_tagged(_NUMBER, 2),
    ticks=_tagged(_NUMBER, 3),
    opaque=_tagged(_OCTETS, 4),
    counter64=_tagged(_NUMBER, 6),
    unsigned32=_tagged(_NUMBER, 7),
    object=_tagged(_NOTHING, 0, _CONTEXT),
    instance=_tagged(_NOTHING, 1, _CONTEXT),
    end=_tagged(_NOTHING, 2, _CONTEXT),
)
_ROW = _form_of(univ.Sequence, name=univ.ObjectIdentifier(), value=_VALUE)
_ROWS = univ.SequenceOf(componentType=_ROW)
_PDU = _form_of(univ.Sequence, id=_NUMBER, status=_NUMBER, index=_NUMBER, rows=_ROWS)


def _pdu(number: int) -> Any:
    return _PDU.subtype(implicitTag=tag.Tag(_CONTEXT, tag.tagFormatConstructed, number))


ANSWERS = _form_of(univ.Choice, response=_pdu(2), report=_pdu(8))
"""The form of what a device answers with, in any version."""

_MESSAGE = _form_of(univ.Sequence, version=_NUMBER, community=_OCTETS, pdu=ANSWERS)
