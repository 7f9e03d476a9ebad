"""The agent's settings: who it is, where inventory and collector are, how much it keeps."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from inventory.credentials import Secret
from inventory.document import StrictModel, read_document
from inventory.fields import Duration, OneOrMore, Slug, expected

DEFAULT_STATE_DIR = Path("/var/lib/ltmon/agent")


def _beside_the_file(value: Any, info: ValidationInfo) -> Any:
    """A relative path is meant from the folder of the file in which it stands."""
    folder = info.context.get("folder") if isinstance(info.context, dict) else None
    if isinstance(value, str) and value and folder is not None:
        return Path(folder) / Path(value).expanduser()
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise expected("expected an address such as https://collector.example:8443")
    return value.rstrip("/")


def _listening(value: str) -> str:
    host, colon, port = value.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
        good = bool(colon) and 0 <= int(port) <= 65535
    except ValueError:
        good = False
    if not good:
        raise expected("expected an IP address and a port such as 127.0.0.1:9710 or [::1]:9710")
    return value


def _host_and_port(listening: str) -> tuple[str, int]:
    host, _, port = listening.rpartition(":")
    return host.strip("[]"), int(port)


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise expected("expected an address or a network such as 10.11.0.0/16") from None


FilePath = Annotated[Path, BeforeValidator(_beside_the_file)]


class CollectorSettings(StrictModel):
    """The collector and our proof. ca_file None: the system's own authorities."""

    url: Annotated[str, AfterValidator(_web_address)]
    token: Secret
    ca_file: FilePath | None = None


class BufferSettings(StrictModel):
    """How much waits on disk at most while the collector is away; the oldest go first."""

    max_bytes: int = Field(default=256 << 20, ge=1 << 20)
    max_days: float = Field(default=7, gt=0, le=365)


class PushSettings(StrictModel):
    """How results are sent: every `interval` seconds, at most so much in one request."""

    interval: Duration = Field(default=5.0, ge=0.05, le=60)
    batch_samples: int = Field(default=5_000, ge=1, le=100_000)
    batch_bytes: int = Field(default=1 << 20, ge=1024, le=16 << 20)
    timeout: Duration = Field(default=30.0, gt=0, le=120)


class ReflectorSettings(StrictModel):
    """The reflector that answers other agents' test packets (RFC 8762), for the check `path`.

    listen: IP address and UDP port, one or more; 862 is the standard's port and needs a capability.
    peers: only these addresses and networks are answered. rate: packets a second from one peer,
    total: from all together. stateful: count per burst, so that a peer can tell in which direction
    packets are lost.
    """

    listen: Annotated[tuple[Annotated[str, AfterValidator(_listening)], ...], OneOrMore] = Field(
        default=("0.0.0.0:862",), min_length=1
    )
    peers: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], OneOrMore] = Field(
        min_length=1
    )
    rate: float = Field(default=200, ge=1, le=10_000)
    total: float = Field(default=2_000, ge=1, le=100_000)
    stateful: bool = True

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each of `listen`."""
        return tuple(_host_and_port(text) for text in self.listen)


class TrapSettings(StrictModel):
    """The listener for SNMP traps and informs of the devices that this agent asks.

    listen: IP address and UDP port, one or more; 162 is the standard's port and needs a capability.
    rate: notifications a second from one device, total: from all together; twenty seconds' worth may come
    at once.
    """

    listen: Annotated[tuple[Annotated[str, AfterValidator(_listening)], ...], OneOrMore] = Field(
        default=("0.0.0.0:162",), min_length=1
    )
    rate: float = Field(default=5, ge=0.1, le=1_000)
    total: float = Field(default=50, ge=0.1, le=10_000)

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each of `listen`."""
        return tuple(_host_and_port(text) for text in self.listen)


class AgentConfig(StrictModel):
    """What `ltmon agent run --config FILE` reads.

    sites: whose targets are asked, by default the agent's own site; watch: further devices by id.
    inventory: a folder; None: it comes from the collector. concurrency: checks at the same time.
    reflector: None where other agents do not measure the path to this one. traps: None where nobody listens
    for the notifications of devices.
    """

    agent: Slug
    site: Slug
    sites: tuple[Slug, ...] = ()
    watch: tuple[Slug, ...] = ()
    inventory: FilePath | None = None
    collector: CollectorSettings | None = None
    listen: Annotated[str, AfterValidator(_listening)] = "127.0.0.1:9710"
    state_dir: FilePath = DEFAULT_STATE_DIR
    buffer: BufferSettings = BufferSettings()
    push: PushSettings = PushSettings()
    concurrency: int = Field(default=64, ge=1, le=1_000)
    reflector: ReflectorSettings | None = None
    traps: TrapSettings | None = None

    @model_validator(mode="after")
    def _has_an_inventory(self) -> Self:
        if self.inventory is None and self.collector is None:
            raise expected("expected the key inventory (a folder) or collector (where to ask)")
        return self

    @property
    def asked_sites(self) -> tuple[str, ...]:
        """The sites whose targets this agent asks."""
        return self.sites or (self.site,)

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port of the agent's own page; port 0 lets the system choose."""
        return _host_and_port(self.listen)


def read_config(path: Path) -> AgentConfig:
    """The settings in the file; ConfigError names file, line and key."""
    return read_document(path, AgentConfig)
