"""What is believed, by virtual time: hostile octets, replayed messages, rates, clocks."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pysnmp.proto import api

from agent.traps.ber import OCTETS, OID, SEQUENCE, Broken, Part, element, oid, part, whole
from agent.traps.heard import SPACING_SECONDS, Heard
from agent.traps.messages import (
    ENCRYPTED,
    REPORTABLE,
    SIGNED,
    Plain,
    Secured,
    read_outside,
    read_plain_inside,
    secured_message,
)
from agent.traps.names import STANDARD, names_in, plain
from agent.traps.reception import Reception
from agent.traps.refusal import Refused
from agent.traps.security import Masters, OwnEngine, User
from inventory.credentials import Credentials
from inventory.profile import Profile, Trap
from telemetry.sample import Sample
from tests.agent.traps.senders import COMMUNITY, LINK_DOWN_V2C, device, user_of

HOST = "10.1.1.1"
THEIRS = b"\x80\x00\x1f\x88\x04switch"
SCOPED_TRAP = element(
    SEQUENCE,
    element(OCTETS, THEIRS),
    element(OCTETS),
    LINK_DOWN_V2C[LINK_DOWN_V2C.index(0xA7) :],
)


class Clock:
    """Time that stands still unless it is moved."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def reception(clock: Clock, *credentials: Credentials, **rates: float) -> Reception:
    """Believes one device per credentials, all at `HOST`."""
    own = OwnEngine("office", 1_700_000_000.0, clock)
    found = Reception(
        names_in(()), own, **{"rate": 100.0, "total": 1000.0, **rates}, monotonic=clock
    )
    found.use([device(f"d{n}", HOST, who) for n, who in enumerate(credentials)])
    return found


class Switch:
    """Sends traps of SNMPv3 signed by its own clock, through our own sealing."""

    def __init__(self, auth: str, clock: Clock, boots: int = 7) -> None:
        self.engine = OwnEngine("switch", boots * 60.0, clock)
        self.user = User(user_of(auth, None), Masters(), self.engine, clock)

    def trap(self, scoped: bytes = SCOPED_TRAP) -> bytes:
        nothing = Part(0, 0, 0, 0)
        outside = Secured(1, SIGNED, b"", 0, 0, b"mon", nothing, b"", nothing)
        return self.user.answered(outside, scoped)


MUTATED = st.tuples(
    st.sampled_from([LINK_DOWN_V2C, Switch("sha", Clock()).trap()]),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6),
    st.integers(0, 200),
)


FUZZED = reception(Clock(), COMMUNITY, user_of("sha", None), user_of(None, None))


@given(st.binary(max_size=300))
def test_any_octets(octets: bytes) -> None:
    """Nothing escapes, everything is counted."""
    before = FUZZED.refused.total()
    outcome = FUZZED.take(octets, True, HOST)
    assert outcome.refused is not None
    assert FUZZED.refused.total() == before + 1


@settings(max_examples=400)
@given(MUTATED)
def test_damaged_messages(made: tuple[bytes, list[tuple[int, int]], int]) -> None:
    """Good messages with wrong octets, cut anywhere: believed, answered or refused, never more. One
    octet makes a coldStart of a linkDown: what nobody has signed is believed as what it says.
    """
    good, changes, cut = made
    octets = bytearray(good)
    for at, value in changes:
        octets[at % len(octets)] = value
    if cut < 40:
        del octets[-cut:]
    outcome = FUZZED.take(bytes(octets), True, HOST)
    assert outcome.refused or outcome.answer or outcome.trap in STANDARD.values()


@pytest.mark.parametrize(
    "octets",
    [
        b"\x30\x80" + b"\x30\x80" * 4000,
        b"\x30\x84\xff\xff\xff\xff" + bytes(100),
        b"\x30\x85\x00\x00\x00\x00\x10" + bytes(16),
        element(SEQUENCE, whole(1), element(OCTETS, b"secret"), b"\x30\x82" * 2000),
        element(SEQUENCE, whole(9), element(OCTETS, b"secret")),
        element(SEQUENCE, element(2, bytes(3000)), element(OCTETS, b"secret")),
        element(SEQUENCE, whole(1), element(OCTETS, b"x" * 8000)),
        LINK_DOWN_V2C + b"\x00",
        LINK_DOWN_V2C[:-9] + b"\xff" * 9,
        b"",
    ],
)
def test_hostile_octets_cost_little(octets: bytes) -> None:
    """Refused within a millisecond, whatever they look like; from a stranger in far less."""
    found = reception(Clock(), COMMUNITY)
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        assert found.take(octets, True, HOST).refused
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.001
    assert found.take(octets, True, "10.9.9.9").refused is Refused.UNKNOWN_SENDER
    assert found.take(LINK_DOWN_V2C, False, HOST).refused is Refused.MALFORMED


def test_identifiers() -> None:
    """Up to 128 arcs of 32 bits; more is broken."""
    for hexed, figures in (
        ("2b0601", "1.3.6.1"),
        ("00", "0.0"),
        ("8837", "2.999"),
        ("2b8fffffff7f", "1.3.4294967295"),
    ):
        octets = element(OID, bytes.fromhex(hexed))
        assert oid(octets, part(octets, 0, len(octets), OID)) == figures
    for content in (b"", b"\x2b\x81", b"\x2b\xff\xff\xff\xff\x7f", b"\x01" * 10_000):
        octets = element(OID, content)
        with pytest.raises(Broken):
            oid(octets, part(octets, 0, len(octets), OID))


@pytest.mark.parametrize("kind", ["TrapPDU", "SNMPv2TrapPDU"])
def test_what_pysnmp_writes_is_read(kind: str) -> None:
    """The other implementation's notifications mean the same to us."""
    first = kind == "TrapPDU"
    form = api.PROTOCOL_MODULES[api.SNMP_VERSION_1 if first else api.SNMP_VERSION_2C]
    pdu = getattr(form, kind)()
    form.apiTrapPDU.set_defaults(pdu)
    if first:
        form.apiTrapPDU.set_enterprise(pdu, (1, 3, 6, 1, 4, 1, 9))
        form.apiTrapPDU.set_generic_trap(pdu, "enterpriseSpecific")
        form.apiTrapPDU.set_specific_trap(pdu, 4_000_000_000 % (1 << 31))
    message = form.Message()
    form.apiMessage.set_defaults(message)
    form.apiMessage.set_community(message, "secret")
    form.apiMessage.set_pdu(message, pdu)
    octets = encoder.encode(message)
    outside = read_outside(octets)
    assert isinstance(outside, Plain)
    assert outside.community == b"secret"
    trap = read_plain_inside(octets, outside).trap
    assert trap == ("1.3.6.1.4.1.9.0.1852516352" if first else "1.3.6.1.6.3.1.1.5.1")


def test_replayed_messages() -> None:
    """A signed trap is believed for 150 s by its sender's clock, and none of an earlier start."""
    clock = Clock()
    found = reception(clock, user_of("sha", None))
    old, now = Switch("sha", clock, boots=6).trap(), Switch("sha", clock)
    trap = now.trap()
    assert found.take(trap, True, HOST).trap == "linkDown"
    clock.at += 140
    assert found.take(trap, True, HOST).trap == "linkDown"
    clock.at += 20
    assert found.take(trap, True, HOST).refused is Refused.OUT_OF_TIME
    assert found.take(old, True, HOST).refused is Refused.OUT_OF_TIME
    found.use([device("d0", HOST, user_of("sha", None))])
    assert found.take(trap, True, HOST).refused is Refused.OUT_OF_TIME, (
        "a new inventory forgets none"
    )
    assert found.take(now.trap(), True, HOST).trap == "linkDown"
    assert found.take(Switch("sha", clock, boots=8).trap(), True, HOST).trap == "linkDown"
    assert found.take(now.trap(), True, HOST).refused is Refused.OUT_OF_TIME


def test_a_forged_signature() -> None:
    """One octet changed anywhere, a signature cut to one octet, or none: not believed."""
    found = reception(Clock(), user_of("sha256", None))
    trap = Switch("sha256", Clock()).trap()
    for at in range(len(trap) - 30, len(trap)):
        broken = trap[:at] + bytes((trap[at] ^ 1,)) + trap[at + 1 :]
        assert found.take(broken, True, HOST).refused is Refused.WRONG_USER
    for signature, flags in ((b"", SIGNED), (b"x", SIGNED), (b"", 0), (bytes(24), SIGNED)):
        forged, _ = secured_message((1, flags, THEIRS, 7, 0, b"mon"), signature, b"", SCOPED_TRAP)
        assert found.take(forged, True, HOST).refused is Refused.WRONG_USER
    scoped = element(OCTETS, bytes(16))
    secret, _ = secured_message(
        (1, SIGNED | ENCRYPTED, THEIRS, 7, 0, b"mon"), bytes(24), b"", scoped
    )
    assert found.take(secret, True, HOST).refused is Refused.WRONG_USER


def test_greetings_have_a_share_of_their_own() -> None:
    """Who forges questions for our engine does not use up the device's notifications."""
    found = reception(Clock(), user_of("sha", None), rate=1.0)
    greeting, _ = secured_message((1, REPORTABLE, b"", 0, 0, b""), b"", b"", SCOPED_TRAP)
    answers = [found.take(greeting, True, HOST).answer for _ in range(1000)]
    assert len([answer for answer in answers if answer]) == 100
    assert found.refused == {Refused.RATE_LIMITED: 900}
    assert found.take(Switch("sha", Clock()).trap(), True, HOST).trap == "linkDown"
    assert found.take(greeting, True, "10.9.9.9").answer is None, "never to a stranger"


def test_rates() -> None:
    """One device's flood leaves the others their share; all together are bounded as well."""
    clock = Clock()
    found = reception(clock, COMMUNITY, rate=1.0, total=2.0)
    found.use([device(f"d{n}", f"10.1.1.{n}", COMMUNITY) for n in range(1, 5)])
    heard: Counter[str] = Counter()
    for host in ("10.1.1.1", "10.1.1.2", "10.1.1.3"):
        for _ in range(1000):
            heard[host] += found.take(LINK_DOWN_V2C, True, host).target is not None
    assert heard == {"10.1.1.1": 20, "10.1.1.2": 20, "10.1.1.3": 0}
    clock.at += 1
    assert found.take(LINK_DOWN_V2C, True, "10.1.1.4").target is not None


def test_devices_that_cannot_be_believed(caplog: pytest.LogCaptureFixture) -> None:
    """A password that is nowhere, a host name for an address: left out, the first is told."""
    lost = Credentials.model_validate(
        {"id": "lost", "version": "2c", "community": {"env": "NOWHERE_TO_BE_FOUND"}}
    )
    found = reception(Clock())
    found.use([device("a", HOST, lost), device("b", "switch.example", COMMUNITY)])
    assert found.take(LINK_DOWN_V2C, True, HOST).refused is Refused.UNKNOWN_SENDER
    assert [getattr(record, "target", "") for record in caplog.records] == ["a"]


def test_names_of_profiles() -> None:
    """What a profile declares is known, with and without the 0 that comes from SNMPv1."""
    trap = Trap(oid="1.3.6.1.4.1.318.0.5", event="on battery", clear="1.3.6.1.4.1.318.0.9")
    base = {"id": "x", "text": "x", "class": "ups"}
    profile = Profile.model_validate(base).model_copy(update={"traps": (trap,)})
    names = names_in([profile])
    assert names[plain("1.3.6.1.4.1.318.5")] == "on battery"
    assert names[plain("1.3.6.1.4.1.318.0.9")] == "on battery over"
    assert names[plain("1.3.6.1.6.3.1.1.5.1")] == "coldStart"


def test_asked_again_at_most_every_few_seconds() -> None:
    """At once, then once more after the last of a series; a clock that is set back does not mute it."""
    clock, kept = Clock(), list[Sample]()
    asked: list[tuple[str, float]] = []
    heard = Heard("office", kept.extend, lambda id_, at: asked.append((id_, at)), clock)
    switch = device("switch", HOST, COMMUNITY)
    for _ in range(5):
        heard.take(switch, "linkDown")
        clock.at += 0.1
    assert asked == [("switch", 1000.0), ("switch", 1000.0 + SPACING_SECONDS)]
    assert [sample.value for sample in kept] == [0, 1, 2, 3, 4, 5]
    clock.at = 1006.0
    heard.take(switch, "linkUp")
    assert asked[2:] == [("switch", 1010.0)]
    clock.at = 500.0
    heard.take(switch, "linkUp")
    assert asked[3:] == [("switch", 500.0)]
    assert {s.series.label("trap"): s.value for s in heard.samples()} == {
        "linkDown": 5,
        "linkUp": 2,
    }
    heard.retain(set())
    assert heard.samples() == []
