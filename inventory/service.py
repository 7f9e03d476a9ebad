"""The services that citizens and staff use, and from where they are asked."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from inventory.check import CHECKS, Aim, Check
from inventory.check_set import NO_CHECKS, NamedChecks
from inventory.document import StrictModel
from inventory.fields import Address, OneOrMore, Slug, Text, expected
from inventory.problem import closed_list, shown

SERVICE_CHECKS = ("http", "tls", "tcp", "dns")
"""The kinds of check that a service may name; the others speak to one box."""


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, or broken IPv6 brackets
        good = False
    if not good or any(char.isspace() for char in value):
        raise expected(f"expected an address such as https://example.vn/, found {shown(value)}")
    if parts.username is not None or parts.password is not None:
        raise expected("expected an address without user and password in it")
    return value


def _host_and_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65_536):
        raise expected(f"expected host:port such as 10.0.0.1:443, found {shown(value)}")
    return value


class Service(StrictModel):
    """Exactly one of url (http and https), tcp (`host:port`) and dns (a name to look up). from: the sites
    whose agents ask. Its samples carry its id as `device`, the class `service` and the asking site.
    """

    id: Slug
    name: Text
    url: Annotated[str, AfterValidator(_url)] | None = None
    tcp: Annotated[str, AfterValidator(_host_and_port)] | None = None
    dns: Address | None = None
    checks: NamedChecks = NO_CHECKS
    from_: Annotated[tuple[Slug, ...], OneOrMore] = Field(
        default=(), validation_alias="from", serialization_alias="from"
    )

    @property
    def class_(self) -> str:
        """The label `class` of its samples."""
        return "service"

    @property
    def title(self) -> str:
        """Its name."""
        return self.name

    @property
    def aim(self) -> Aim:
        """Where its checks are aimed."""
        if self.url is not None:
            parts = urlsplit(self.url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            return Aim(host=parts.hostname or "", port=port, url=self.url)
        if self.tcp is not None:
            host, _, port_text = self.tcp.rpartition(":")
            return Aim(host=host.strip("[]"), port=int(port_text))
        return Aim(name=self.dns)

    @property
    def default_checks(self) -> dict[str, Check]:
        """What is asked when the service names no checks."""
        if self.url is not None:
            kinds = ("http", "tls") if self.url.startswith("https:") else ("http",)
        else:
            kinds = ("tcp",) if self.tcp is not None else ("dns",)
        return {kind: CHECKS[kind]() for kind in kinds}

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if sum(place is not None for place in (self.url, self.tcp, self.dns)) != 1:
            raise expected("expected exactly one of url, tcp and dns")
        foreign = [kind for kind in self.checks.named() if kind not in SERVICE_CHECKS]
        if foreign:
            raise expected(
                f"expected checks of the kinds {closed_list(SERVICE_CHECKS)}, found {foreign[0]}"
            )
        return self
