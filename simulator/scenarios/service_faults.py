"""Faults of services: pages that fail, crawl or say something else, wrong names, old certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from inventory.inventory import Inventory
from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault, Weight
from simulator.scenarios.layout import SERVED_BY
from simulator.scenarios.rhythm import DAY
from simulator.scenarios.truth import Truth

PEERS_DAYS = 20.0
"""Days before a certificate's end at which the others warn."""


class ServiceFails(Fault):
    """A page answers with an error, or its port is closed."""

    kind = "service_down"
    shows: ClassVar[tuple[str, ...]] = ("check_up", "http_status_code", "check_failures_total")
    weight = Weight.HARD
    hours = (1.0, 6.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The pages."""
        return [service.id for service in inventory.services if service.url]

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """The server that serves it."""
        return (f"device:{SERVED_BY[self.where]}",)

    def begin(self, district: District, t: float) -> None:
        """Half of them refuse, half say 500."""
        offer = district.offers[self.where]
        offer.refused = self.chance.random() < 0.5
        offer.status = 200 if offer.refused else self.chance.choice((500, 502, 503))

    def finish(self, district: District, t: float) -> None:
        """Restarted."""
        offer = district.offers[self.where]
        offer.refused, offer.status = False, 200


class PageCrawls(ServiceFails):
    """A page takes seconds."""

    kind = "service_slow"
    shows = ("http_response_seconds", "check_duration_seconds", "check_up")
    weight = Weight.FAST
    hours = (2.0, 9.0)

    def begin(self, district: District, t: float) -> None:
        """A database without its index."""
        offer = district.offers[self.where]
        offer.slow = self.chance.uniform(4.0, 6.5) / offer.seconds

    def finish(self, district: District, t: float) -> None:
        """As before."""
        district.offers[self.where].slow = 1.0


class PageIsWrong(ServiceFails):
    """A page answers, but with something else."""

    kind = "wrong_content"
    shows = ("http_content_ok", "check_up", "check_failures_total")

    def begin(self, district: District, t: float) -> None:
        """Somebody has put up a test page."""
        district.offers[self.where].content_ok = False

    def finish(self, district: District, t: float) -> None:
        """As it should be."""
        district.offers[self.where].content_ok = True


class NamesAreWrong(ServiceFails):
    """The name server gives a wrong address."""

    kind = "dns_wrong"
    shows = ("dns_answer_ok", "check_up", "check_failures_total")

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The lookups."""
        return [service.id for service in inventory.services if service.dns]

    def begin(self, district: District, t: float) -> None:
        """A slip in the zone file."""
        district.offers[self.where].answer_ok = False

    def finish(self, district: District, t: float) -> None:
        """Put right."""
        district.offers[self.where].answer_ok = True


class CertificateEnds(ServiceFails):
    """A certificate comes near its end and nobody renews it."""

    kind = "certificate_ending"
    shows = ("tls_certificate_not_after_timestamp_seconds",)
    weight = Weight.SLOW
    hours = (240.0, 300.0)

    def begin(self, district: District, t: float) -> None:
        """It was bought long ago; only its date was never looked at."""
        district.offers[self.where].not_after = self._ends

    def finish(self, district: District, t: float) -> None:
        """Renewed for 90 days."""
        district.offers[self.where].not_after = t + 90 * DAY

    def truths(self, district: District) -> tuple[Truth, ...]:
        """It counts from the day before the others' limit; told earlier is well told, too."""
        reached = self._ends - PEERS_DAYS * DAY
        return (replace(self.truth(district), onset=reached - DAY, limit_at=reached),)

    @property
    def _ends(self) -> float:
        return self.onset + (PEERS_DAYS + 2.0 + 5.0 * (self.onset % 971.0) / 971.0) * DAY


SERVICE_FAULTS: tuple[type[Fault], ...] = (
    ServiceFails,
    PageCrawls,
    PageIsWrong,
    NamesAreWrong,
    CertificateEnds,
)
