"""What a reflector answers: known peers, at a bounded rate, never an answer; memory is bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stamp import reflection
from agent.stamp.packets import build_request, ntp_word, padding, read_reply
from agent.stamp.reflection import Reflection, Refused
from agent.stamp.sockets import Arrival

START = 1_700_000_000 * 10**9


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def reflecting(
    clock: Clock, *, rate: float = 10.0, total: float = 1000.0, stateful: bool = True
) -> Reflection:
    return Reflection(
        ["10.11.0.0/16", "fd00::7"],
        rate=rate,
        total=total,
        stateful=stateful,
        monotonic=clock,
        clock_ns=lambda: START + 5,
    )


def packet(
    data: bytes, host: str = "10.11.1.1", port: int = 50_000, *, whole: bool = True
) -> Arrival:
    return Arrival(data, whole, (host, port), START, 61, 46, [])


def request(number: int = 1, session: int = 9) -> bytes:
    return build_request(number, ntp_word(START), session, padding(172, b"x"))


def number_of(answer: bytes | Refused) -> int:
    assert isinstance(answer, bytes)
    reply = read_reply(answer)
    assert reply is not None
    return reply.sequence


@pytest.mark.parametrize(
    ("arrival", "why"),
    [
        (packet(request(), "10.12.0.1"), Refused.PEER),
        (packet(request(), "fd00::8"), Refused.PEER),
        (packet(b""), Refused.SHORT),
        (packet(request()[:43]), Refused.SHORT),
        (packet(request() + bytes(1301)), Refused.LONG),
        (packet(request(), whole=False), Refused.LONG),
    ],
)
def test_what_is_not_answered_is_counted(arrival: Arrival, why: Refused) -> None:
    """Each by its reason."""
    reflection = reflecting(Clock())
    assert reflection.answer(arrival) is why
    assert reflection.refused == {why: 1}
    assert reflection.answered == 0


def test_known_peers_are_answered_with_what_was_seen() -> None:
    """Arrival, departure and TTL; over IPv6 as well, a zone does not matter."""
    reflection = reflecting(Clock())
    answer = reflection.answer(packet(request(7)))
    assert isinstance(answer, bytes)
    assert len(answer) == 172
    reply = read_reply(answer)
    assert reply is not None
    assert (reply.sender_sequence, reply.sender_ttl, reply.session) == (7, 61, 9)
    assert (reply.received, reply.timestamp) == (ntp_word(START), ntp_word(START + 5))
    assert isinstance(reflection.answer(packet(request(), "fd00::7%eth0")), bytes)
    assert reflection.answered == 2


def test_an_answer_is_never_answered() -> None:
    """A forged packet that sets two reflectors on each other dies with its first answer."""
    one, other = reflecting(Clock()), reflecting(Clock())
    answer = one.answer(packet(request(), port=862))
    assert isinstance(answer, bytes)
    assert other.answer(packet(answer, port=862)) is Refused.REFLECTION


def test_a_stateful_reflector_counts_by_session() -> None:
    """Port and session identifier tell sessions apart; each begins at 0 and misses nothing."""
    reflection = reflecting(Clock())
    assert [number_of(reflection.answer(packet(request(n)))) for n in (1, 3, 9)] == [0, 1, 2]
    assert number_of(reflection.answer(packet(request(5), port=50_001))) == 0
    assert number_of(reflection.answer(packet(request(5, session=8)))) == 0
    assert number_of(reflection.answer(packet(request(10)))) == 3


def test_a_stateless_reflector_repeats_the_senders_number() -> None:
    """As RFC 8762 wants it of the stateless mode."""
    reflection = reflecting(Clock(), stateful=False)
    assert [number_of(reflection.answer(packet(request(n)))) for n in (1, 3, 9)] == [1, 3, 9]


def test_a_silent_session_is_over() -> None:
    """Whoever gets the same port an hour later begins at 0."""
    clock = Clock()
    reflection = reflecting(clock)
    assert [number_of(reflection.answer(packet(request()))) for _ in range(2)] == [0, 1]
    clock.now += 121
    assert number_of(reflection.answer(packet(request()))) == 0


def test_a_peer_may_send_so_many_and_others_are_not_harmed() -> None:
    """Twice the rate at once, then as many a second as agreed."""
    clock = Clock()
    reflection = reflecting(clock, rate=10)
    answers = [reflection.answer(packet(request(n))) for n in range(30)]
    assert [answer is Refused.RATE for answer in answers] == [False] * 20 + [True] * 10
    assert isinstance(reflection.answer(packet(request(), "10.11.1.2")), bytes)
    clock.now += 0.5
    answers = [reflection.answer(packet(request(n))) for n in range(30, 40)]
    assert sum(answer is Refused.RATE for answer in answers) == 5
    assert reflection.refused == {Refused.RATE: 15}


def test_all_together_may_send_so_many() -> None:
    """Forged sources within the known networks do not multiply what leaves."""
    reflection = reflecting(Clock(), rate=10, total=50)
    answers = [reflection.answer(packet(request(), f"10.11.2.{n}")) for n in range(200)]
    assert sum(isinstance(answer, bytes) for answer in answers) == 100


def test_memory_is_bounded() -> None:
    """In peers and in sessions of one peer; the newest are kept."""
    memory = reflecting(Clock(), rate=10_000, total=100_000)
    for index in range(reflection.MAX_PEERS + 50):
        memory.answer(packet(request(), f"10.11.{index // 250}.{index % 250}"))
    assert len(memory._peers) == reflection.MAX_PEERS
    for port in range(1, 100):
        memory.answer(packet(request(), port=port))
    assert len(memory._peers["10.11.1.1"].sessions) == reflection.MAX_SESSIONS
    assert number_of(memory.answer(packet(request(2), port=99))) == 1
    assert number_of(memory.answer(packet(request(2), port=1))) == 0


@given(st.binary(max_size=1600), st.sampled_from(["10.11.1.1", "8.8.8.8", "fd00::7"]))
def test_nothing_that_comes_breaks_it_or_is_amplified(data: bytes, host: str) -> None:
    """Any octets from anybody."""
    answer = reflecting(Clock()).answer(packet(data, host))
    assert isinstance(answer, Refused) or len(answer) == len(data)
