"""The devices: who and where they are, what stands before them, with which credentials they answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from inventory.check import Aim
from inventory.check_set import NO_CHECKS, NamedChecks
from inventory.device_class import DeviceClass as DeviceClass
from inventory.document import StrictModel
from inventory.fields import Address, OneOrMore, Port, Slug, Text


class SnmpAccess(StrictModel):
    """How the device is asked by SNMP. credentials: an id; engine: the library, `auto` for the quick one."""

    credentials: Slug
    port: Port = 161
    engine: Literal["auto", "gufo", "pysnmp"] = "auto"


class Device(StrictModel):
    """A box. parents: the devices through which it is reached; it is unreachable only when all of them
    are. address None: known, but not measured. spare: a replacement lies ready. serves: services (by id
    or in words) that suffer with it.
    """

    id: Slug
    site: Slug
    class_: DeviceClass = Field(validation_alias="class", serialization_alias="class")
    name: Text | None = None
    address: Address | None = None
    parents: Annotated[tuple[Slug, ...], OneOrMore] = ()
    profile: Slug = "auto"
    snmp: SnmpAccess | None = None
    installed: date | None = None
    warranty_until: date | None = None
    supported_until: date | None = None
    spare: bool = False
    serves: Annotated[tuple[Text, ...], OneOrMore] = ()
    checks: NamedChecks = NO_CHECKS

    @property
    def title(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or self.id

    @property
    def aim(self) -> Aim:
        """Where its checks are aimed."""
        return Aim(host=self.address or "")
