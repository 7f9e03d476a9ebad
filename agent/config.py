"""The agent's settings: who it is, where inventory and collector are, how much it keeps."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from inventory.credentials import Secret
from inventory.document import StrictModel, read_document
from inventory.fields import Duration, Slug, expected

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


class AgentConfig(StrictModel):
    """What `ltmon agent run --config FILE` reads.

    sites: whose targets are asked, by default the agent's own site; watch: further devices by id.
    inventory: a folder; None: it comes from the collector. concurrency: checks at the same time.
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
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def read_config(path: Path) -> AgentConfig:
    """The settings in the file; ConfigError names file, line and key."""
    return read_document(path, AgentConfig)
