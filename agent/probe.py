"""The contract of a probe: target, options and deadline in, one result out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from inventory.check import Check
from inventory.credentials import Credentials, Login
from telemetry.sample import Reading

C_contra = TypeVar("C_contra", bound=Check, contravariant=True)


class Reason(StrEnum):
    """Why a check failed: a closed list, also the label of `check_failures_total`."""

    TIMEOUT = "timeout"  # nothing came back in time
    REFUSED = "refused"  # the port is closed
    UNREACHABLE = "unreachable"  # the network says that there is no way
    NAME = "name"  # the name cannot be resolved
    TLS = "tls"  # the certificate or the handshake is bad
    AUTH = "auth"  # our credentials were not accepted
    STATUS = "status"  # an answer, but not with the status that was expected
    CONTENT = "content"  # an answer, but not with the content that was expected
    MALFORMED = "malformed"  # an answer that breaks its protocol
    MISBEHAVING = "misbehaving"  # an endless or looping answer, ended by us
    FORBIDDEN = "forbidden"  # we may not ask this address, or lack the permission for the socket
    BUDGET = "budget"  # not asked: the data that the check may cost in a day is used up
    INTERNAL = "internal"  # a fault of our own, logged with its traceback


@dataclass(frozen=True, slots=True)
class Target:
    """Who is asked. `address` is a numeric address or a host name; empty where a check has its own."""

    id: str
    site: str
    class_: str
    address: str
    profile: str = "auto"
    credentials: Credentials | None = None
    snmp_port: int = 161
    snmp_engine: str = "auto"
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found. Silence on the network is an ordinary result with `ok` false.

    started_at: seconds since 1970 (UTC) at which the check began; every reading bears this time.
    seconds: how long it took.
    reason: why it failed; None when `ok`.
    readings: what was read, without who and where; may be there even when not `ok`.
    working: what was sent and what came, a line each, for `ltmon probe`.
    again_after: the probe wants to be asked again this soon (seconds), None at the usual interval.
    profile, class_, vendor, model: what the device was recognised as; empty where it was not.
    """

    ok: bool
    started_at: float
    seconds: float
    readings: tuple[Reading, ...] = ()
    reason: Reason | None = None
    working: tuple[str, ...] = ()
    again_after: float | None = None
    profile: str = ""
    class_: str = ""
    vendor: str = ""
    model: str = ""


class Probe(Protocol, Generic[C_contra]):
    """One kind of check. Knows neither scheduler nor buffer; may keep its own memory per target."""

    async def check(self, target: Target, options: C_contra, deadline: float) -> Result:
        """Asks once and returns within `deadline` seconds. Raises nothing for what a network does."""
        ...

    async def close(self) -> None:
        """Gives sockets and memory back; the probe is not used afterwards."""
        ...
