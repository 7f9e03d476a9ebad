"""The far end of a call's way: a stateless reflector of STAMP (RFC 8762, 4.3) at a simulated host."""

from __future__ import annotations

import struct

_REQUEST = struct.Struct("!IQHH28x")
_REPLY = struct.Struct("!IQHHQIQHxxBxxx")
_ERROR_ESTIMATE = 0x8001  # synchronised, NTP's format, 2^-32 s
_HOPS_LEFT = 62
_SECONDS_1900_TO_1970 = 2_208_988_800


def reflected(data: bytes, now: float) -> bytes | None:
    """The answer to a test packet, as long as it; None for what is too short to be one.

    now: seconds since 1970. The number is the sender's own: who keeps no count cannot tell directions.
    """
    if len(data) < _REQUEST.size:
        return None
    number, sent, error, _ = _REQUEST.unpack_from(data)
    whole = int(now)
    word = (whole + _SECONDS_1900_TO_1970) % (1 << 32) << 32 | int((now - whole) * (1 << 32))
    answer = _REPLY.pack(number, word, _ERROR_ESTIMATE, 0, word, number, sent, error, _HOPS_LEFT)
    return answer + data[len(answer) :]
