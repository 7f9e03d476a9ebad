"""Which notifications are believed, and what is answered: decisions and memory, no sockets.

Anybody can write any sender into a datagram. So a notification is bound to the address *and* the
credentials of a device that this agent asks, comes at a bounded rate, and all it can bring about is
that the device is asked again. Strangers are never answered.
"""

from __future__ import annotations

import hmac
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agent.address import numeric
from agent.probe import Target
from agent.stamp.reflection import Bucket
from agent.traps.ber import Broken
from agent.traps.messages import (
    REPORTABLE,
    Notice,
    Plain,
    Secured,
    read_outside,
    read_plain_inside,
    read_scoped,
)
from agent.traps.names import plain
from agent.traps.refusal import Greeting, Refusal, Refused
from agent.traps.security import Masters, OwnEngine, User, introduction
from telemetry.errors import ConfigError

log = logging.getLogger(__name__)

BURST_SECONDS = 20
"""So many seconds' worth may come at once: a switch that restarts sends one for each of its ports."""
GREETINGS = 5.0
"""Questions for our engine that one address gets answered in a second. They bear no signature, so they
have their share of their own: who forges them must not use up the device's."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a datagram: the device and the name of its trap, or why not. Neither for a greeting.

    answer: octets to send back, to an inform or a greeting.
    """

    target: Target | None = None
    trap: str = ""
    refused: Refused | None = None
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Sender:
    """One device and what its notifications must bear: a community, or a user."""

    target: Target
    community: bytes | None = None
    user: User | None = None


@dataclass(frozen=True, slots=True)
class _Host:
    """One address. Several devices may have it, behind a translated line."""

    senders: tuple[_Sender, ...]
    notices: Bucket
    greetings: Bucket


class Reception:
    """Judges notifications; counts those that are not believed in `refused`.

    names: by `plain` identifier. rate: notifications a second from one address, total: from all together;
    twenty seconds' worth may come at once. monotonic: seconds.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        own: OwnEngine,
        *,
        rate: float,
        total: float,
        monotonic: Callable[[], float],
    ) -> None:
        self.refused: Counter[Refused] = Counter()
        self._names, self._own, self._rate, self._monotonic = names, own, rate, monotonic
        self._hosts: dict[str, _Host] = {}
        self._all = self._bucket(total)
        self._masters = Masters()

    def use(self, targets: Iterable[Target]) -> None:
        """From now on believes these, with their credentials. Devices named by a host name are left out:
        what a name server says is no proof of identity.
        """
        found: dict[str, list[_Sender]] = {}
        # A user remembers the clocks of its engines: replayed messages stay refused.
        known = {s.target: s for host in self._hosts.values() for s in host.senders if s.user}
        for target in dict.fromkeys(targets):
            address = numeric(target.address.partition("%")[0])
            sender = known.get(target) or self._sender(target)
            if sender is not None and address is not None:
                found.setdefault(str(address), []).append(sender)
        self._hosts = {
            address: self._host(self._hosts.get(address), tuple(senders))
            for address, senders in found.items()
        }

    def close(self) -> None:
        """Lets go of the thread that makes keys."""
        self._masters.close()

    def take(self, octets: bytes, whole: bool, host: str) -> Outcome:
        """Judges one datagram from `host`. whole: it was not cut off. Raises nothing."""
        try:
            return self._take(octets, whole, host.partition("%")[0])
        except Refusal as refusal:
            reason = refusal.reason
        except Broken:
            reason = Refused.MALFORMED
        self.refused[reason] += 1
        return Outcome(refused=reason)

    def _take(self, octets: bytes, whole: bool, address: str) -> Outcome:
        # The cheapest questions first: this is asked by whoever can send a packet here.
        host = self._hosts.get(address)
        if host is None:
            raise Refusal(Refused.UNKNOWN_SENDER)
        if not whole:
            raise Broken
        outside = read_outside(octets)
        try:
            if isinstance(outside, Plain):
                sender, notice = _plain_notice(host, octets, outside)
            else:
                sender, notice = self._secured_notice(host, octets, outside)
        except Greeting as greeting:
            self._pay(host.greetings)
            return Outcome(answer=greeting.answer)
        self._pay(host.notices)
        self._pay(self._all)
        return self._believed(sender, notice, outside)

    def _believed(self, sender: _Sender, notice: Notice, outside: Plain | Secured) -> Outcome:
        answer = notice.response
        if answer is not None and isinstance(outside, Secured) and sender.user is not None:
            answer = sender.user.answered(outside, answer)
        name = self._names.get(plain(notice.trap))
        if name is None:
            # Answered all the same: it has arrived, and would only be sent again and again.
            self.refused[Refused.UNKNOWN_TRAP] += 1
            log.debug("unknown trap", extra={"target": sender.target.id, "trap": notice.trap})
            return Outcome(refused=Refused.UNKNOWN_TRAP, answer=answer)
        return Outcome(sender.target, name, answer=answer)

    def _secured_notice(
        self, host: _Host, octets: bytes, outside: Secured
    ) -> tuple[_Sender, Notice]:
        senders = [sender for sender in host.senders if sender.user is not None]
        if not senders:
            raise Refusal(Refused.WRONG_USER)
        if outside.flags & REPORTABLE and outside.engine != self._own.id:
            raise Greeting(introduction(self._own, outside))
        refusal = Refusal(Refused.WRONG_USER)
        for sender in senders:
            try:
                if sender.user is not None:
                    return sender, read_scoped(sender.user.opened(octets, outside))
            except Refusal as why:
                refusal = why
        raise refusal

    def _pay(self, bucket: Bucket) -> None:
        if not bucket.take(self._monotonic()):
            raise Refusal(Refused.RATE_LIMITED)

    def _host(self, before: _Host | None, senders: tuple[_Sender, ...]) -> _Host:
        if before is not None:
            return _Host(senders, before.notices, before.greetings)
        return _Host(senders, self._bucket(self._rate), self._bucket(GREETINGS))

    def _bucket(self, rate: float) -> Bucket:
        capacity = rate * BURST_SECONDS
        return Bucket(rate, capacity, capacity, self._monotonic())

    def _sender(self, target: Target) -> _Sender | None:
        who = target.credentials
        if who is None:
            return None
        try:
            if who.version == "3":
                return _Sender(target, user=User(who, self._masters, self._own, self._monotonic))
            if who.community is None:
                return None
            return _Sender(target, community=who.community.reveal().encode())
        except ConfigError as error:
            log.warning("no traps from this device", extra={"target": target.id, "error": error})
            return None


def _plain_notice(host: _Host, octets: bytes, outside: Plain) -> tuple[_Sender, Notice]:
    for sender in host.senders:
        if sender.community is not None and hmac.compare_digest(
            sender.community, outside.community
        ):
            return sender, read_plain_inside(octets, outside)
    raise Refusal(Refused.WRONG_COMMUNITY)
