"""The contract of an SNMP session: what every engine gives, whatever library does the work.

The engines are kinds of one contract, so that a device that one library cannot speak to can be
given to another (`engine:` in the inventory), and so that a common test can compare them.

What a value is: `int` for every kind of number (INTEGER, Counter32, Counter64, Gauge32, TimeTicks),
`bytes` for OCTET STRING and Opaque, `str` for OBJECT IDENTIFIER and IpAddress, both dotted. The
SNMP type itself is not kept (gufo_snmp does not tell it): agents send ifHCInOctets as Counter32 and
ifSpeed as text, so the decoders go by the value and by what the MIB says about the column.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.probe import Reason
from inventory.credentials import Credentials

Oid = str
"""An object identifier as text, without a leading dot: `1.3.6.1.2.1.1.1.0`."""

Value = int | float | bytes | str
"""What an object may hold; see the module's docstring for which SNMP type becomes what."""


class SnmpFailure(Exception):  # noqa: N818 - named for what it is; never leaves the SNMP probe
    """A request that got no usable answer: `reason` from the closed list, `str()` one sentence."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Access:
    """Where a device answers, with which credentials, and how patiently it is asked.

    address: numeric, IPv4 or IPv6. timeout_seconds: for one request, sent 1 + `retries` times.
    until: the moment on the engine's clock after which nothing is sent or waited for any more.
    turn: awaited before each datagram, so that a weak device is not asked faster than it should be.
    """

    address: str
    port: int
    credentials: Credentials
    timeout_seconds: float
    retries: int
    until: float
    turn: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class WalkLimits:
    """How much a walk may bring before the device is taken for misbehaving.

    repetitions: rows asked for at once; some agents stop answering at 50, so it stays low. 0: one by
    one, by GETNEXT.
    """

    rows: int = 20_000
    octets: int = 4 << 20
    seconds: float = 60.0
    repetitions: int = 20


USUAL_LIMITS = WalkLimits()


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk brought, in strictly increasing order of OID.

    broken: one sentence when the device broke the rules and the walk was ended by us; the rows that
    came before are good. disordered: that rule was that OIDs increase.
    repetitions: with how many rows at once they came; fewer than were asked for where the device
    gives no good answer to that, 0 where only GETNEXT served.
    """

    rows: tuple[tuple[Oid, Value], ...]
    broken: str | None = None
    disordered: bool = False
    repetitions: int = 0


class Session(Protocol):
    """A conversation with one device. Not for concurrent use: one request is in flight at a time."""

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repeats included."""
        ...

    @property
    def splits(self) -> int:
        """How often a request had to be asked in parts, because no good answer came to the whole."""
        ...

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        """A value for each of `oids`; None where the device has no such object: that is an answer.

        Raises SnmpFailure when the device gives no usable answer.
        """
        ...

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        """All objects under `prefix`; none is an answer, too. Raises SnmpFailure as `get` does."""
        ...

    def close(self) -> None:
        """Gives the socket back; the session is not used afterwards."""
        ...


class Engine(Protocol):
    """A library that speaks SNMP."""

    async def open(self, access: Access) -> Session:
        """A session, after discovery of the device's engine where the version needs it.

        Raises SnmpFailure when the device does not answer the discovery, ConfigError when the
        credentials cannot be used by this engine.
        """
        ...
