"""Answers SNMP requests from a tree, with the habits of a real agent (RFC 1157, RFC 3416)."""

from __future__ import annotations

from simulator.snmp import ber
from simulator.snmp.ber import BerError, Oid
from simulator.snmp.message import (
    V1,
    ErrorStatus,
    PduType,
    Request,
    decode_request,
    encode_response,
    encode_varbind,
)
from simulator.snmp.tree import Tree

MAX_MESSAGE = 1472
"""Longest response in bytes: what fits one Ethernet frame, as small agents do."""

_OVERHEAD = 64  # version, community, identifiers and lengths around the variable bindings


def respond(datagram: bytes, tree: Tree, community: bytes, now: float) -> bytes | None:
    """The answer to a datagram; None (silence) for a wrong community or what is not a request."""
    try:
        request = decode_request(datagram)
    except BerError:
        return None
    if request.community != community:
        return None
    if request.pdu is PduType.GET_BULK and request.version != V1:
        return encode_response(request, _bulk(request, tree, now))
    if request.pdu in (PduType.GET, PduType.GET_NEXT):
        return _read(request, tree, now)
    if request.pdu is PduType.SET:
        status = ErrorStatus.NO_SUCH_NAME if request.version == V1 else ErrorStatus.NOT_WRITABLE
        return encode_response(request, [request.varbinds], status, 1)
    return None


def _read(request: Request, tree: Tree, now: float) -> bytes:
    """The response to GET and GETNEXT."""
    varbinds = []
    for index, oid in enumerate(request.oids, start=1):
        if request.pdu is PduType.GET:
            name, value = oid, tree.get(oid, now)
        else:
            name, value = _next(oid, tree, now, counter64=request.version != V1)
        if request.version == V1 and (value is None or value[0] == ber.COUNTER64):
            return encode_response(request, [request.varbinds], ErrorStatus.NO_SUCH_NAME, index)
        varbinds.append(encode_varbind(name, value or _exception(request.pdu, oid, tree)))
    if sum(map(len, varbinds)) > MAX_MESSAGE - _OVERHEAD:
        return encode_response(request, [], ErrorStatus.TOO_BIG, 0)
    return encode_response(request, varbinds)


def _next(oid: Oid, tree: Tree, now: float, *, counter64: bool) -> tuple[Oid, bytes | None]:
    """What follows `oid`; without `counter64` no 64-bit counter (RFC 3584 section 4.2.2.1)."""
    following: Oid | None = oid
    while (following := tree.after(following)) is not None:  # type: ignore[arg-type]
        value = tree.get(following, now)
        if counter64 or value is None or value[0] != ber.COUNTER64:
            return following, value
    return oid, None


def _exception(pdu: PduType, oid: Oid, tree: Tree) -> bytes:
    """What version 2c says in place of a value."""
    if pdu is not PduType.GET:
        return ber.END_OF_MIB_VIEW
    return ber.NO_SUCH_INSTANCE if tree.has_object(oid) else ber.NO_SUCH_OBJECT


def _bulk(request: Request, tree: Tree, now: float) -> list[bytes]:
    """Variable bindings of a GETBULK response, as many as fit (RFC 3416 section 4.2.3)."""
    once = max(0, min(request.first, len(request.oids)))
    varbinds: list[bytes] = []
    room = MAX_MESSAGE - _OVERHEAD

    def add(oid: Oid) -> tuple[Oid, bool]:
        """Adds what follows `oid` if it fits; tells its name and whether the tree went on."""
        nonlocal room
        name, value = _next(oid, tree, now, counter64=True)
        varbind = encode_varbind(name, value or ber.END_OF_MIB_VIEW)
        room -= len(varbind)
        if room >= 0:
            varbinds.append(varbind)
        return name, value is not None

    for oid in request.oids[:once]:
        add(oid)
    row = list(request.oids[once:])
    for _ in range(max(0, request.second)):
        # A column that has ended keeps its place in the row with endOfMibView.
        added = [add(oid) for oid in row]
        row = [name for name, _ in added]
        if room < 0 or not any(going_on for _, going_on in added):
            break
    return varbinds
