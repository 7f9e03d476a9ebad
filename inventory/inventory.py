"""The whole inventory as one value: what exists, what is expected of it, and who must ask what."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from pydantic import ValidationError, model_validator

from inventory.check import DEFAULT_CHECKS, Check
from inventory.credentials import REVEAL, Credentials, Login
from inventory.device import Device, DeviceClass
from inventory.document import StrictModel, message_of
from inventory.expectation import Expectation, Limit, resolve_limit
from inventory.link import Link
from inventory.maintenance import Maintenance
from inventory.meeting import Meeting
from inventory.person import Person
from inventory.service import Service
from inventory.site import District, Site
from inventory.topology import Topology
from telemetry.errors import InventoryError


class InventoryFile(StrictModel):
    """One file of the folder: any of these keys, each as often as there are files."""

    district: District | None = None
    sites: tuple[Site, ...] = ()
    devices: tuple[Device, ...] = ()
    links: tuple[Link, ...] = ()
    services: tuple[Service, ...] = ()
    credentials: tuple[Credentials, ...] = ()
    logins: tuple[Login, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    people: tuple[Person, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _nothing_below(cls, data: Any) -> Any:
        """A key with nothing below it, all commented out perhaps, is as good as none."""
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class Inventory(StrictModel):
    """What exists in the district. Everything in the order of the files; ids are unique over all kinds.

    Made by `inventory.load.load_inventory`, which also checks that it holds together, by `subset` or from
    the JSON of either.
    """

    district: District
    sites: tuple[Site, ...] = ()
    devices: tuple[Device, ...] = ()
    links: tuple[Link, ...] = ()
    services: tuple[Service, ...] = ()
    credentials: tuple[Credentials, ...] = ()
    logins: tuple[Login, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    people: tuple[Person, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    def site(self, site_id: str) -> Site | None:
        """The site of this id, or None."""
        return self._sites.get(site_id)

    def device(self, device_id: str) -> Device | None:
        """The device of this id, or None."""
        return self._devices.get(device_id)

    def service(self, service_id: str) -> Service | None:
        """The service of this id, or None."""
        return self._services.get(service_id)

    def name_of(self, target: str) -> str:
        """What people call a device or service: its name, or its id."""
        found = self.device(target) or self.service(target)
        return (found.name or target) if found is not None else target

    def link(self, link_id: str) -> Link | None:
        """The line of this id, or None."""
        return self._links.get(link_id)

    def credential(self, credentials_id: str) -> Credentials | None:
        """The credentials of this id, or None."""
        return self._credentials.get(credentials_id)

    def login(self, login_id: str) -> Login | None:
        """The login of this id, or None."""
        return self._logins.get(login_id)

    @cached_property
    def topology(self) -> Topology:
        """Who is reached through whom."""
        return Topology(self.devices, self.links)

    def checks_of(self, target_id: str) -> dict[str, Check]:
        """What to ask of a device or service, by kind in the order of `CHECKS`: the defaults of its class
        overlaid by its own options, aimed at its address. Empty for an unknown id and for a device without
        address (except what needs none); `snmp` is there exactly when the device has access.
        """
        device = self.device(target_id)
        if device is not None:
            return _device_checks(device)
        service = self.service(target_id)
        if service is None:
            return {}
        checks = service.checks.over({} if service.checks.asks() else service.default_checks)
        return {kind: check.aimed(service.aim) for kind, check in checks.items()}

    def limit_of(self, name: str, device_id: str, over_radio: bool = False) -> Limit | None:
        """The limit that holds for a device or service: shipped < district < class < site < device.
        over_radio: it is seen over a mobile network.
        """
        device = self.device(device_id)
        site, class_ = ("", "service") if device is None else (device.site, device.class_.value)
        return resolve_limit(name, self.expectations, device_id, site, class_, over_radio)

    def targets_of(
        self, site_ids: Collection[str], extra: Collection[str] = ()
    ) -> tuple[Device | Service, ...]:
        """What an agent for these sites must ask: their devices, the `extra` devices and services, and the
        services that one of the sites asks. Unknown ids are passed over.
        """
        devices = [d for d in self.devices if d.site in site_ids or d.id in extra]
        services = [
            s for s in self.services if s.id in extra or any(site in site_ids for site in s.from_)
        ]
        return (*devices, *services)

    def subset(
        self,
        site_ids: Collection[str],
        extra: Collection[str] = (),
        reveal_secrets: bool = False,
    ) -> Inventory:
        """What the agent of these sites gets: its targets, their sites with those above them, the lines that
        touch its devices, the credentials and logins in use and the expectations. No people, meetings or
        maintenance.

        `reveal_secrets` looks the secrets up here; one that is not to be found stays a reference, for the
        agent to look up itself.
        """
        targets = self.targets_of(site_ids, extra)
        devices = tuple(target for target in targets if isinstance(target, Device))
        ids = {device.id for device in devices}
        used = {device.snmp.credentials for device in devices if device.snmp is not None}
        used |= {c.asks_as() for target in targets for c in self.checks_of(target.id).values()}
        wanted = self._with_parents({*site_ids, *(device.site for device in devices)})
        return Inventory(
            district=self.district,
            sites=tuple(site for site in self.sites if site.id in wanted),
            devices=devices,
            links=tuple(link for link in self.links if ids & set(link.end_devices)),
            services=tuple(target for target in targets if isinstance(target, Service)),
            credentials=tuple(
                c.revealed() if reveal_secrets else c for c in self.credentials if c.id in used
            ),
            logins=tuple(
                each.revealed() if reveal_secrets else each
                for each in self.logins
                if each.id in used
            ),
            expectations=self.expectations,
        )

    def excused(self, device_id: str, at: float) -> Maintenance | None:
        """The maintenance that excuses a device or service at `at` (seconds since 1970), or None.

        A site's window excuses the devices of that very site; a line's window what is reached only through
        its lower end. What merely lies behind a device under maintenance is unreachable, not excused.
        """
        for window in self.maintenance:
            if window.covers(at) and device_id in self._touched[window.id]:
                return window
        return None

    @property
    def rooms(self) -> tuple[Device, ...]:
        """The video-conference rooms: every endpoint, in the order of the files."""
        return tuple(d for d in self.devices if d.class_ is DeviceClass.VC_ENDPOINT)

    def to_json(self, reveal_secrets: bool = False) -> str:
        """The inventory as JSON that `from_json` reads. Secrets stay references; plain ones are withheld
        unless `reveal_secrets`. The same inventory gives the same text.
        """
        return self.model_dump_json(
            by_alias=True, exclude_unset=True, context={REVEAL: reveal_secrets}
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Inventory:
        """The inventory of `to_json`. Raises InventoryError with one sentence for anything else."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in detail["loc"])
            where = f", key {place}" if place else ""
            message = f"The inventory received as JSON{where}: {message_of(detail)}."
            raise InventoryError(message) from None

    def _with_parents(self, site_ids: set[str]) -> set[str]:
        wanted: set[str] = set()
        for site_id in site_ids:
            site = self.site(site_id)
            while site is not None and site.id not in wanted:
                wanted.add(site.id)
                site = self.site(site.parent) if site.parent else None
        return wanted

    @cached_property
    def _touched(self) -> dict[str, frozenset[str]]:
        """The targets that each maintenance excuses, by its id."""
        return {
            window.id: frozenset(id_ for what in window.what for id_ in self._excused_by(what))
            for window in self.maintenance
        }

    def _excused_by(self, what: str) -> Collection[str]:
        kind, _, id_ = what.partition(":")
        if kind == "site":
            return [device.id for device in self.devices if device.site == id_]
        if kind != "link":
            return [id_]
        link = self.link(id_)
        if link is None:
            return []
        lower = self._lower_end(link)
        # A second way in keeps the lower end reachable: then the line's window excuses nobody.
        if any(parent not in link.end_devices for parent in self.topology.parents(lower)):
            return []
        return [lower, *self.topology.cut_off_by([lower])]

    def _lower_end(self, link: Link) -> str:
        """The end that is reached through the other one, the second where neither is."""
        upper, lower = link.end_devices
        return upper if lower in self.topology.parents(upper) else lower

    @cached_property
    def _sites(self) -> dict[str, Site]:
        return {site.id: site for site in self.sites}

    @cached_property
    def _devices(self) -> dict[str, Device]:
        return {device.id: device for device in self.devices}

    @cached_property
    def _services(self) -> dict[str, Service]:
        return {service.id: service for service in self.services}

    @cached_property
    def _links(self) -> dict[str, Link]:
        return {link.id: link for link in self.links}

    @cached_property
    def _credentials(self) -> dict[str, Credentials]:
        return {credentials.id: credentials for credentials in self.credentials}

    @cached_property
    def _logins(self) -> dict[str, Login]:
        return {login.id: login for login in self.logins}


def _device_checks(device: Device) -> dict[str, Check]:
    defaults = dict(DEFAULT_CHECKS[device.class_])
    if device.snmp is None:
        defaults.pop("snmp", None)
    checks = device.checks.over(defaults)
    return {
        kind: check.aimed(device.aim)
        for kind, check in checks.items()
        if device.address is not None or not check.needs_address
    }
