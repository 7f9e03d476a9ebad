"""The collector's config file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, create_model

from collector.channel import Channel, ChannelSettings
from collector.channels import CHANNELS
from inventory.credentials import Secret
from inventory.document import Duration, StrictModel, read_document
from inventory.fields import Slug, Text, expected

_HOST_PORT = re.compile(
    r"^(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\s:\[\]/]*)):(?P<port>\d{1,5})$"
)


class Listen(StrictModel):
    """Where to accept connections: a host and port (0: any free one), or an inherited socket."""

    host: str = ""
    port: int = Field(default=0, ge=0, le=65535)
    fd: int | None = Field(default=None, ge=3)


def _listen(value: Any) -> Any:
    """`host:port`, `[v6]:port`, `:port` as a mapping; mappings are left for the model."""
    if not isinstance(value, str):
        return value
    found = _HOST_PORT.match(value)
    if not found or int(found["port"]) > 65535:
        raise expected("expected host:port such as 127.0.0.1:8080, or {fd: NUMBER}")
    return {"host": found["v6"] or found["host"] or "", "port": int(found["port"])}


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


def _path(value: Any, info: ValidationInfo) -> Any:
    """A path as written in the file, relative to the file's own folder."""
    if not isinstance(value, str) or not value:
        raise expected("expected a path")
    folder = info.context.get("folder") if isinstance(info.context, dict) else None
    path = Path(value).expanduser()
    return (Path(folder) / path).absolute() if folder is not None else path


FilePath = Annotated[Path, BeforeValidator(_path)]


def _host_port(value: str) -> str:
    found = _HOST_PORT.match(value)
    if not found or not (found["v6"] or found["host"]) or not 0 < int(found["port"]) < 65536:
        raise expected("expected host:port such as 10.11.1.2:9710")
    return value


HostPort = Annotated[str, AfterValidator(_host_port)]


class AgentAccess(StrictModel):
    """An agent that may write for its sites with a token of the config, without enrolment."""

    agent: Slug
    sites: tuple[Slug, ...] = Field(min_length=1)
    token: Secret
    watch: tuple[Slug, ...] = ()


class OperatorAccess(StrictModel):
    """A person or program that may acknowledge and silence."""

    name: Text
    token: Secret


class StoreSettings(StrictModel):
    """A store that gets a copy of every sample, by Prometheus remote-write."""

    name: Slug
    url: str = Field(pattern=r"^https?://")
    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None


class Retention(StrictModel):
    """How long the collector keeps things. Forwarded samples live on in their store."""

    journal: Duration = Field(default=30 * 86400.0, gt=0)


class NotifySettings(StrictModel):
    """When messages are held back and how they are tried again.

    rate: messages to one person within `rate_window`; what is above becomes one digest. together:
    so many that wait for one person at the same moment go as one digest at once. brief: trouble
    that was over within this time, before anybody was told, is not told. too_old: what could not be
    delivered for so long is given up. attempts_before_next: after so many failures the person's
    next channel is tried as well.
    """

    rate: int = Field(default=8, ge=1)
    rate_window: Duration = Field(default=600.0, gt=0)
    together: int = Field(default=4, ge=2)
    too_old: Duration = Field(default=86400.0, gt=0)
    brief: Duration = Field(default=60.0, ge=0)
    retry_first: Duration = Field(default=15.0, gt=0)
    retry_longest: Duration = Field(default=900.0, gt=0)
    attempts_before_next: int = Field(default=3, ge=1)


if TYPE_CHECKING:

    class ChannelsConfig(StrictModel):
        """One optional block per kind of channel."""

else:
    # One field per kind, so that a slip inside a block is reported with its line like any other.
    ChannelsConfig = create_model(
        "ChannelsConfig",
        __base__=StrictModel,
        __doc__="One optional block per kind of channel.",
        **{name: (settings | None, None) for name, settings in CHANNELS.items()},
    )


class CollectorConfig(StrictModel):
    """Everything that the collector is told by its file.

    scrape: where Prometheus reaches the `/metrics` of agents, by agent, for its service discovery.
    """

    inventory: FilePath
    state_dir: FilePath
    listen: Annotated[
        tuple[Annotated[Listen, BeforeValidator(_listen)], ...], BeforeValidator(_one_or_more)
    ] = (Listen(host="127.0.0.1", port=8080),)
    database: str | None = None
    journal: str | None = None
    public_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    language: Literal["vi", "en"] | None = None
    agents: tuple[AgentAccess, ...] = ()
    operators: tuple[OperatorAccess, ...] = ()
    forward: tuple[StoreSettings, ...] = ()
    scrape: dict[Slug, HostPort] = Field(default_factory=dict)
    channels: ChannelsConfig = ChannelsConfig()
    notify: NotifySettings = NotifySettings()
    retention: Retention = Retention()
    tick: Duration = Field(default=5.0, gt=0)
    snapshot_every: Duration = Field(default=180.0, gt=0)
    watchdog_url: str | None = Field(default=None, pattern=r"^https?://")

    @property
    def database_url(self) -> str:
        """The database as SQLAlchemy names it; SQLite in the state folder by default."""
        return self.database or f"sqlite:///{self.state_dir / 'collector.db'}"

    @property
    def journal_url(self) -> str:
        """The journal; SQLite in the state folder by default."""
        return self.journal or f"sqlite:///{self.state_dir / 'journal.db'}"

    @property
    def verdicts_url(self) -> str:
        """The journal of the collector's own verdicts, for the stores."""
        return f"sqlite:///{self.state_dir / 'verdicts.db'}"

    def channel_settings(self) -> dict[str, ChannelSettings]:
        """The blocks that the file has, by kind."""
        blocks = {name: getattr(self.channels, name) for name in CHANNELS}
        return {name: block for name, block in blocks.items() if block is not None}

    def open_channels(self) -> dict[str, Channel]:
        """The channels that the file configures, by kind."""
        return {name: block.open() for name, block in self.channel_settings().items()}


def load_config(path: Path) -> CollectorConfig:
    """The config of a file; ConfigError with one sentence when something in it cannot be used."""
    return read_document(path, CollectorConfig)
