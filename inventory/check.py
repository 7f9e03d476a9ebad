"""What to ask of a device or a service: one options model per kind of check, and what each class
of device is asked by default.

A new kind is one model here and one line in `CHECKS`; the schema of the files follows from that list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from inventory.device_class import DeviceClass
from inventory.document import StrictModel
from inventory.fields import (
    Address,
    DataSize,
    Duration,
    OneOrMore,
    Port,
    Sha256,
    Slug,
    Text,
    expected,
)


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a target is. host: numeric address or name, empty where it has none; the others only where
    a service names them.
    """

    host: str = ""
    port: int | None = None
    url: str | None = None
    name: str | None = None


class Check(StrictModel):
    """What every kind has: how often to ask and how long to wait, both in seconds."""

    needs_address: ClassVar[bool] = True

    interval: Duration = Field(default=60.0, ge=1, le=86_400)
    timeout: Duration = Field(default=5.0, gt=0, le=120)

    def aimed(self, aim: Aim) -> Self:
        """The same options with whatever they left open filled in from the target."""
        return self

    def lacks(self) -> str:
        """The name of an option without which this check cannot ask, or the empty string."""
        return ""

    def lasts(self) -> float:
        """The longest time that one check may take, in seconds."""
        return self.timeout

    def asks_as(self) -> str:
        """The id of the login that it asks with, or the empty string."""
        return ""

    @model_validator(mode="after")
    def _fits_interval(self) -> Self:
        if self.lasts() > self.interval:
            raise expected(
                f"one check may last {self.lasts():g} s, expected no more than the interval of "
                f"{self.interval:g} s"
            )
        return self


class IcmpCheck(Check):
    """A burst of echo requests (RFC 792, RFC 4443). spacing: seconds between two; size: payload octets."""

    interval: Duration = Field(default=30.0, ge=1, le=86_400)
    timeout: Duration = Field(default=1.0, gt=0, le=60)
    count: int = Field(default=10, ge=1, le=1000)
    spacing: Duration = Field(default=0.05, ge=0.001, le=10)
    size: int = Field(default=56, ge=16, le=8192)

    def lasts(self) -> float:
        """The burst and the wait for its last reply."""
        return (self.count - 1) * self.spacing + self.timeout


class SnmpCheck(Check):
    """The device's own tables. timeout: of one request; retries: further attempts after the first;
    requests_per_second: the most that the device is asked.
    """

    timeout: Duration = Field(default=2.0, gt=0, le=60)
    retries: int = Field(default=1, ge=0, le=5)
    requests_per_second: float = Field(default=100.0, ge=1, le=10_000)


class HttpCheck(Check):
    """One GET of a page. url None: the device's own front page; contains: text that the page must hold."""

    url: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    status: int = Field(default=200, ge=100, le=599)
    contains: str | None = Field(default=None, min_length=1, max_length=1000)
    timeout: Duration = Field(default=10.0, gt=0, le=60)
    verify_tls: bool = True

    def aimed(self, aim: Aim) -> Self:
        """The page of the service, or the front page of the device."""
        return self if self.url else self.model_copy(update={"url": aim.url or _front_page(aim)})


class TlsCheck(Check):
    """A handshake and the certificate's dates. host None: the target's own; server_name None: host."""

    host: Address | None = None
    port: Port | None = None
    server_name: Address | None = None
    interval: Duration = Field(default=300.0, ge=1, le=86_400)
    timeout: Duration = Field(default=10.0, gt=0, le=60)

    def aimed(self, aim: Aim) -> Self:
        """Host, port (443 where none is named) and server name."""
        host = self.host or aim.host
        fill = {"host": host, "port": self.port or aim.port or 443}
        return self.model_copy(update={**fill, "server_name": self.server_name or host})


class TcpCheck(Check):
    """Setting up a TCP connection, nothing more. host None: the target's own address; or_ports: any of
    them is as good as `port`, tried in this order where that one does not open.
    """

    host: Address | None = None
    port: Port | None = None
    or_ports: Annotated[tuple[Port, ...], Field(max_length=8), OneOrMore] = ()

    def aimed(self, aim: Aim) -> Self:
        """Host and port."""
        return self.model_copy(
            update={"host": self.host or aim.host, "port": self.port or aim.port}
        )

    def lacks(self) -> str:
        """A device does not say which port."""
        return "" if self.port else "port"


class DnsCheck(Check):
    """One question to a name server. server None: the one that the agent's own system uses; expect: values
    that must all be in the answer.
    """

    needs_address: ClassVar[bool] = False

    server: Address | None = None
    port: Port = 53
    name: Address | None = None
    type: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] = "A"
    expect: Annotated[tuple[Text, ...], OneOrMore] = ()

    def aimed(self, aim: Aim) -> Self:
        """The device as the server, or the service's name as the question."""
        server = self.server or aim.host or None
        return self.model_copy(update={"server": server, "name": self.name or aim.name})

    def lacks(self) -> str:
        """A device does not say for which name to ask."""
        return "" if self.name else "name"


class HostCheck(Check):
    """The health of the machine that the agent runs on. volumes: mount points; empty: every local disk.
    ntp_server: compare the clock with this one's.
    """

    needs_address: ClassVar[bool] = False

    volumes: Annotated[tuple[Text, ...], OneOrMore] = ()
    ntp_server: Address | None = None
    ntp_port: Port = 123


class PathEnd(StrictModel):
    """Another far end of the same calls. name: the label `peer`, else the peer as written."""

    peer: Address
    name: Text | None = None
    port: Port = 862


class PathCheck(Check):
    """The way that a call takes, by STAMP (RFC 8762) to a reflector such as another agent's. peer None:
    the target's own address; name: the label `peer`, else the peer as written; also: further ends, such
    as the bridge of the meeting, asked one after the other. size: octets of UDP payload (a call's sound
    172, its picture about 1,100); dscp: the mark of a call's packets; budget: octets a day to all ends,
    both ways with headers, None for what the target's class may spend.
    """

    needs_address: ClassVar[bool] = False

    peer: Address | None = None
    name: Text | None = None
    port: Port = 862
    also: tuple[PathEnd, ...] = Field(default=(), max_length=3)
    interval: Duration = Field(default=300.0, ge=1, le=86_400)
    timeout: Duration = Field(default=2.0, gt=0, le=10)
    count: int = Field(default=100, ge=2, le=1000)
    spacing: Duration = Field(default=0.02, ge=0.005, le=1)
    size: int = Field(default=172, ge=48, le=1452)  # as much as fits one Ethernet frame over IPv6
    dscp: int = Field(default=46, ge=0, le=63)  # expedited forwarding (RFC 3246)
    budget: DataSize | None = None

    def aimed(self, aim: Aim) -> Self:
        """The peer, which is the target itself unless another is named."""
        return self.model_copy(update={"peer": self.peer or aim.host or None})

    def lacks(self) -> str:
        """A device without address does not say to whom its calls go."""
        return "" if self.peer else "peer"

    def lasts(self) -> float:
        """The bursts, each with the wait for its last reply."""
        return (1 + len(self.also)) * ((self.count - 1) * self.spacing + self.timeout)

    def budget_of(self, class_: str) -> int:
        """Octets that one day may cost for a target of this class."""
        if self.budget is not None:
            return self.budget
        return CELLULAR_BUDGET if class_ in _PAID_BY_VOLUME else BUDGET


class XapiCheck(Check):
    """Call, registration and peripherals of a Cisco or Tandberg codec, over HTTPS. login: id of one of the
    logins, a user of the codec that may only read. pin: SHA-256 of the codec's certificate, which it signs
    itself; it is then the only one accepted. verify_tls false: any certificate will do, so the password
    goes to whoever answers. plain_http: without encryption, readable by everybody on the way. port: 443,
    or 80 without encryption.
    """

    login: Slug | None = None
    port: Port | None = None
    pin: Sha256 | None = None
    verify_tls: bool = True
    plain_http: bool = False
    timeout: Duration = Field(default=15.0, gt=0, le=60)

    def lacks(self) -> str:
        """A codec tells nothing to somebody without a name."""
        return "" if self.login else "login"

    def asks_as(self) -> str:
        """Its login."""
        return self.login or ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.pin is not None and self.plain_http:
            raise expected(
                "expected either pin or plain_http: without encryption nothing is pinned"
            )
        return self


BUDGET = 500_000_000
CELLULAR_BUDGET = 20_000_000
"""A 3G/4G line pays by volume: 12 MB a day is what the defaults cost."""

_PAID_BY_VOLUME = frozenset({DeviceClass.CELL_STATION.value, DeviceClass.LTE_CPE.value})

CHECKS: dict[str, type[Check]] = {
    "icmp": IcmpCheck,
    "snmp": SnmpCheck,
    "http": HttpCheck,
    "tls": TlsCheck,
    "tcp": TcpCheck,
    "dns": DnsCheck,
    "host": HostCheck,
    "path": PathCheck,
    "xapi": XapiCheck,
}
"""Every kind of check by its name in the files and in the label `check`: the only list."""


def _front_page(aim: Aim) -> str:
    host = f"[{aim.host}]" if ":" in aim.host else aim.host
    return f"http://{host}/"


_HALF_MINUTE: dict[str, Check] = {"icmp": IcmpCheck(), "snmp": SnmpCheck()}
# Things on desks and walls: half the packets, half as often.
_MINUTE: dict[str, Check] = {"icmp": IcmpCheck(interval=60.0, count=5), "snmp": SnmpCheck()}

DEFAULT_CHECKS: dict[DeviceClass, dict[str, Check]] = {
    DeviceClass.ROUTER: _HALF_MINUTE,
    DeviceClass.FIREWALL: _HALF_MINUTE,
    DeviceClass.LAN_SWITCH: _HALF_MINUTE,
    DeviceClass.FIBER_ONU: _HALF_MINUTE,
    DeviceClass.FIBER_OLT: _HALF_MINUTE,
    DeviceClass.MEDIA_CONVERTER: _HALF_MINUTE,
    DeviceClass.WIFI_AP: _HALF_MINUTE,
    DeviceClass.CELL_STATION: _HALF_MINUTE,
    DeviceClass.LTE_CPE: _HALF_MINUTE,
    DeviceClass.POWER_SYSTEM: _HALF_MINUTE,
    DeviceClass.UPS: _HALF_MINUTE,
    DeviceClass.VC_ENDPOINT: _HALF_MINUTE,
    DeviceClass.SERVER: _HALF_MINUTE,
    DeviceClass.WORKSTATION: _MINUTE,
    DeviceClass.PRINTER: _MINUTE,
    DeviceClass.CAMERA: _MINUTE,
    DeviceClass.OTHER: _MINUTE,
}
"""What is asked of each class unless the device says otherwise; `snmp` only of devices with access."""
