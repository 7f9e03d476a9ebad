"""One simulated host: where it stands, how fast it answers, what it says over SNMP and TCP."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.codec import Codec
from simulator.snmp.device import Blueprint, SnmpDevice

REPLY_SECONDS: dict[str, tuple[float, float]] = {
    "router": (0.0004, 0.0001),
    "firewall": (0.0004, 0.0001),
    "lan_switch": (0.0012, 0.0004),
    "fiber_onu": (0.0006, 0.0002),
    "fiber_olt": (0.0006, 0.0002),
    "cell_station": (0.004, 0.001),
    "vc_endpoint": (0.001, 0.0003),
    "printer": (0.003, 0.001),
}
"""How long a class takes to answer an echo request, and its deviation; small boxes answer slowly."""

_OTHERS_REPLY_SECONDS = (0.0005, 0.0002)


@dataclass(slots=True)
class TcpService:
    """Something that listens at a host. scheme: http, https, tcp, relay or xapi, a codec behind TLS.

    names: those that lead here, on the certificate too. contains: text that its page must hold;
    relay_to: host and port that a relay hands on to. failing: names whose page answers with an
    error; closed: the process has ended, and the host refuses the connection.
    """

    port: int
    scheme: str
    title: str = ""
    names: tuple[str, ...] = ()
    contains: str = ""
    relay_to: tuple[str, int] | None = None
    failing: set[str] = field(default_factory=set)
    closed: bool = False
    codec: Codec | None = None

    def joined_by(self, other: TcpService) -> TcpService:
        """Both on one port, as a web server serves several names."""
        return TcpService(
            port=self.port,
            scheme=self.scheme,
            title=f"{self.title} – {other.title}",
            names=(*self.names, *(name for name in other.names if name not in self.names)),
            contains=f"{self.contains} {other.contains}".strip(),
        )


@dataclass(slots=True)
class Host:
    """A host of the district. Seconds throughout; `loss` is a ratio in [0, 1].

    community: what its SNMP agent listens to, None when it has no agent. boot: when it was last
    switched on, in seconds since 1970. names: what it answers as a name server, by name. reflects:
    UDP ports at which it gives test packets of calls back.
    """

    id: str
    site: str
    class_: str
    address: str
    blueprint: Blueprint
    boot: float
    community: bytes | None = None
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    services: dict[int, TcpService] = field(default_factory=dict)
    names: dict[str, str] | None = None
    reflects: set[int] = field(default_factory=set)
    _device: SnmpDevice | None = None

    def __post_init__(self) -> None:
        self.delay, self.jitter = REPLY_SECONDS.get(self.class_, _OTHERS_REPLY_SECONDS)

    def device(self, now: float) -> SnmpDevice:
        """Its SNMP side, built when it is first asked after each start."""
        if self._device is None:
            self._device = SnmpDevice(self.blueprint, self.boot, now)
        return self._device

    def restart(self, now: float) -> None:
        """It has been switched on again: uptime and counters begin anew."""
        self.boot, self._device = now, None
