"""The gufo_snmp engine passes the common trial; and the signatures that are checked for it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.snmp.gufo import GufoEngine
from agent.snmp.seal import SIGNATURES, Seal
from tests.agent.snmp import recorded
from tests.agent.snmp.session_trial import ENGINE, ONE, UP_TIME, SessionTrial, v3_message, v3_pdu

pytestmark = pytest.mark.anyio


class TestGufo(SessionTrial):
    """The quick engine."""

    engine = GufoEngine


@given(st.binary(max_size=200))
def test_no_octets_bring_the_seal_down(data: bytes) -> None:
    seal = Seal("sha256", b"master key", ENGINE)
    assert not seal.holds(data)
    genuine = v3_message(1, 1, b"signed", bytes(24), v3_pdu(recorded.RESPONSE, 1, UP_TIME, ONE))
    assert not seal.holds(genuine[: len(data)] + data)


@pytest.mark.parametrize(("protocol", "length"), [(k, n) for k, (_, n) in SIGNATURES.items()])
def test_the_seal_holds_what_is_signed_and_nothing_else(protocol: str, length: int) -> None:
    """The key of RFC 3414 A.3 and the lengths of RFC 7860; each changed octet breaks it."""
    seal, name = Seal(protocol, b"m" * 20, ENGINE), SIGNATURES[protocol][0]
    key = hashlib.new(name, b"m" * 20 + ENGINE + b"m" * 20).digest()
    pdu = v3_pdu(recorded.RESPONSE, 1, UP_TIME, ONE)
    blank = v3_message(1, 1, b"signed", bytes(length), pdu)
    signature = hmac.digest(key, blank, name)[:length]
    signed = v3_message(1, 1, b"signed", signature, pdu)
    assert seal.holds(signed)
    for at in range(len(signed)):
        assert not seal.holds(signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :])
