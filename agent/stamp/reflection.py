"""What a reflector answers, to whom and how often: decisions and memory, no sockets.

A reflector is a machine that sends to whomever a packet claims to come from. So it answers known
networks only, never more octets than came, at a bounded rate, and never an answer: two reflectors,
set on each other with one forged packet, would else talk for ever.
"""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from agent.stamp.packets import Request, build_reply, ntp_word, read_request
from agent.stamp.sockets import Arrival

LONGEST_OCTETS = 1472
"""What fits into one Ethernet frame. Longer packets come in fragments, which a call never sends."""

MAX_PEERS = 1024
"""How many addresses are remembered; the one that was silent longest is forgotten first."""

MAX_SESSIONS = 16
"""How many sessions of one peer are counted at once; a burst is one."""

SESSION_IDLE_SECONDS = 120.0
"""A session that was silent for so long is over; its number 0 comes again."""

Session = tuple[int, int]
"""The peer's port and its session identifier."""


class Refused(StrEnum):
    """Why a packet was not answered: a closed list."""

    PEER = "peer"  # it comes from outside the known networks
    RATE = "rate"  # this peer, or all together, ask more often than agreed
    SHORT = "short"  # too short to be a test packet
    LONG = "long"  # longer than a frame
    REFLECTION = "reflection"  # it bears what only a reflector writes: it is an answer
    UNSENT = "unsent"  # our own system would not send the answer


@dataclass(slots=True)
class Bucket:
    """A token bucket: `rate` packets a second, `capacity` of them at once. Times are seconds."""

    rate: float
    capacity: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        """Whether one more is within the agreed rate; if so it is counted."""
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class _Count:
    """The next number of one session and when it was last used."""

    number: int = 0
    at: float = 0.0


@dataclass(slots=True)
class _Peer:
    """What is kept of one address."""

    bucket: Bucket
    sessions: OrderedDict[Session, _Count] = field(default_factory=OrderedDict)

    def next_number(self, session: Session, now: float) -> int:
        """Our own number for the next packet of the session (RFC 8762, 4: stateful reflector)."""
        count = self.sessions.pop(session, None)
        if count is None or now - count.at > SESSION_IDLE_SECONDS:
            count = _Count()
        self.sessions[session] = count
        if len(self.sessions) > MAX_SESSIONS:
            self.sessions.popitem(last=False)
        number, count.number, count.at = count.number, (count.number + 1) % (1 << 32), now
        return number


class Reflection:
    """Answers test packets of known peers and counts the others in `refused`.

    networks: addresses or CIDRs of the peers. rate: packets a second that one peer may send, twice
    as many at once; total: packets a second of all together. stateful: count per session, so that
    loss can be told by direction, or repeat the sender's number. monotonic: seconds; clock_ns:
    nanoseconds since 1970.
    """

    def __init__(
        self,
        networks: Iterable[str],
        *,
        rate: float,
        total: float,
        stateful: bool,
        monotonic: Callable[[], float],
        clock_ns: Callable[[], int],
    ) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in networks]
        self._rate, self._stateful = rate, stateful
        self._monotonic, self._clock_ns = monotonic, clock_ns
        self._all = Bucket(total, 2 * total, 2 * total, monotonic())
        self._peers: OrderedDict[str, _Peer] = OrderedDict()
        self.answered = 0
        self.refused: Counter[Refused] = Counter()

    def answer(self, arrival: Arrival) -> bytes | Refused:
        """The answer to a packet, or why there is none; either is counted."""
        found = self._answer(arrival)
        if isinstance(found, Refused):
            self.refused[found] += 1
        else:
            self.answered += 1
        return found

    def _answer(self, arrival: Arrival) -> bytes | Refused:
        host, port = arrival.source[0].partition("%")[0], arrival.source[1]
        # The cheapest questions first: this is asked by whoever can send a packet here.
        if len(arrival.data) > LONGEST_OCTETS or not arrival.whole:
            return Refused.LONG
        request = read_request(arrival.data)
        if request is None:
            return Refused.SHORT
        # A receiver may overlook what must be zero (RFC 8762, 4.2.1), but here answers keep their
        # stamps, and that is the only mark of an answer.
        if any(request.reserved):
            return Refused.REFLECTION
        if not self._knows(host):
            return Refused.PEER
        now = self._monotonic()
        peer = self._peer(host, now)
        if not (peer.bucket.take(now) and self._all.take(now)):
            return Refused.RATE
        return self._reply(request, peer, port, arrival, now)

    def _reply(
        self, request: Request, peer: _Peer, port: int, arrival: Arrival, now: float
    ) -> bytes:
        number = request.sequence
        if self._stateful:
            number = peer.next_number((port, request.session), now)
        received = ntp_word(arrival.received_ns)
        return build_reply(request, number, received, arrival.ttl, ntp_word(self._clock_ns()))

    def _knows(self, host: str) -> bool:
        address = ipaddress.ip_address(host)
        return any(address in network for network in self._networks)

    def _peer(self, host: str, now: float) -> _Peer:
        peer = self._peers.pop(host, None)
        if peer is None:
            peer = _Peer(Bucket(self._rate, 2 * self._rate, 2 * self._rate, now))
        self._peers[host] = peer
        if len(self._peers) > MAX_PEERS:
            self._peers.popitem(last=False)
        return peer
