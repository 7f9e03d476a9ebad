"""SNMP v1 and v2c messages (RFC 1157, RFC 1901, RFC 3416) out of bytes and into bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from simulator.snmp import ber
from simulator.snmp.ber import BerError, Oid


class PduType(IntEnum):
    """The protocol data units that matter here."""

    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3
    GET_BULK = 0xA5


class ErrorStatus(IntEnum):
    """Error status of a response."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    NOT_WRITABLE = 17


V1, V2C = 0, 1


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came. `first` and `second` are error-status and error-index, of a GETBULK
    non-repeaters and max-repetitions. `varbinds`: the encoded list, sent back with an error.
    """

    version: int
    community: bytes
    pdu: PduType
    request_id: int
    first: int
    second: int
    oids: tuple[Oid, ...]
    varbinds: bytes


def decode_request(data: bytes) -> Request:
    """The request in a datagram. Raises BerError for anything else, version 3 included."""
    start, end = ber.expect(data, ber.SEQUENCE, 0)
    fields = list(ber.elements(data, start, end))
    if len(fields) != 3 or fields[0][0] != ber.INTEGER or fields[1][0] != ber.OCTET_STRING:
        raise BerError("not a message of version 1 or 2c")
    version = ber.decode_integer(data[fields[0][1] : fields[0][2]])
    if version not in (V1, V2C) or fields[2][0] not in PduType._value2member_map_:
        raise BerError("not a version or a request that this agent speaks")
    pdu = list(ber.elements(data, fields[2][1], fields[2][2]))
    if [tag for tag, _, _ in pdu] != [ber.INTEGER, ber.INTEGER, ber.INTEGER, ber.SEQUENCE]:
        raise BerError("the request is malformed")
    request_id, first, second = (ber.decode_integer(data[s:e]) for _, s, e in pdu[:3])
    return Request(
        version=version,
        community=data[fields[1][1] : fields[1][2]],
        pdu=PduType(fields[2][0]),
        request_id=request_id,
        first=first,
        second=second,
        oids=tuple(_asked(data, s, e) for _, s, e in ber.elements(data, pdu[3][1], pdu[3][2])),
        varbinds=data[pdu[3][1] : pdu[3][2]],
    )


def _asked(data: bytes, start: int, end: int) -> Oid:
    name_start, name_end = ber.expect(data, ber.OBJECT_IDENTIFIER, start, end)
    return ber.decode_oid(data[name_start:name_end])


def encode_varbind(oid: Oid, value: bytes) -> bytes:
    """One variable binding; `value` is encoded already."""
    return ber.encode(ber.SEQUENCE, ber.encode_oid(oid) + value)


def encode_response(
    request: Request,
    varbinds: Sequence[bytes],
    status: ErrorStatus = ErrorStatus.NO_ERROR,
    index: int = 0,
) -> bytes:
    """The response to `request` with these encoded variable bindings."""
    pdu = (
        ber.encode_integer(request.request_id)
        + ber.encode_integer(status)
        + ber.encode_integer(index)
        + ber.encode(ber.SEQUENCE, b"".join(varbinds))
    )
    return ber.encode(
        ber.SEQUENCE,
        ber.encode_integer(request.version)
        + ber.encode_text(request.community)
        + ber.encode(PduType.RESPONSE, pdu),
    )
