"""What can break in the district: each fault begins and ends, and names the cause to be found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from simulator.district import SimulatedDistrict


@dataclass(frozen=True)
class Fault(ABC):
    """Something that breaks. `now`: seconds since 1970."""

    @property
    @abstractmethod
    def cause(self) -> str:
        """The cause that the collector should name: `device:ID`, `link:ID` or `site:ID`."""

    @property
    @abstractmethod
    def words(self) -> tuple[str, str]:
        """What breaks, in Vietnamese and in English."""

    @abstractmethod
    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """Breaks it."""

    @abstractmethod
    def end(self, district: SimulatedDistrict, now: float) -> None:
        """Mends it."""


@dataclass(frozen=True)
class DeviceDead(Fault):
    """A device stops; when it is mended it has been switched off and on.

    hangs: its firmware has frozen, as old switches do, and its ports keep their lights; otherwise
    the far ends lose their link, which from afar looks just like a cut cable.
    """

    device: str
    hangs: bool = True

    @property
    def cause(self) -> str:
        """The device."""
        return f"device:{self.device}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        if self.hangs:
            return f"{self.device} bị treo, không còn hoạt động", f"{self.device} hangs"
        return f"{self.device} hỏng, không còn hoạt động", f"{self.device} dies"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """It stops."""
        district.kill(self.device, now, lit=self.hangs)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """It starts anew."""
        district.revive(self.device, now)


@dataclass(frozen=True)
class LineCut(Fault):
    """A line is cut: both ports lose their link, what lies behind is out of reach."""

    link: str

    @property
    def cause(self) -> str:
        """The line."""
        return f"link:{self.link}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        return f"Đứt cáp {self.link}", f"The line {self.link} is cut"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """Cuts it."""
        district.cut(self.link, now)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """Splices it."""
        district.splice(self.link, now)


@dataclass(frozen=True)
class MainsLost(Fault):
    """A site's mains fail: its UPS carries the load, for `lasts_seconds` at most."""

    site: str
    lasts_seconds: float = 15.0

    @property
    def cause(self) -> str:
        """The site."""
        return f"site:{self.site}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        return f"Mất điện lưới tại {self.site}", f"The mains fail at {self.site}"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """The UPS takes over."""
        district.mains_lost(self.site, self.lasts_seconds, now)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """The mains are back."""
        district.mains_back(self.site, now)


@dataclass(frozen=True)
class SiteDark(Fault):
    """A site has no power at all any more: everything in it stops, the agent too."""

    site: str

    @property
    def cause(self) -> str:
        """The site."""
        return f"site:{self.site}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        return f"{self.site}: UPS cạn, mất điện hoàn toàn", f"{self.site}: battery empty, all dark"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """Everything stops."""
        district.darken(self.site, now)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """Everything starts anew."""
        district.lighten(self.site, now)


@dataclass(frozen=True)
class PacketsLost(Fault):
    """A device loses a share of the packets, as behind a bad plug."""

    device: str
    ratio: float = 0.3

    @property
    def cause(self) -> str:
        """The device."""
        return f"device:{self.device}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        percent = round(self.ratio * 100)
        return (
            f"{self.device} mất {percent} % gói tin",
            f"{self.device} loses {percent} % of packets",
        )

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """Packets get lost."""
        district.hosts[self.device].loss = self.ratio

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """None get lost."""
        district.hosts[self.device].loss = 0.0


@dataclass(frozen=True)
class PortErrors(Fault):
    """Frames arrive damaged at a port, as with a bent cable; `per_second` of them.

    line: the id of the line that ends at the port, if there is one.
    """

    device: str
    port: str
    line: str = ""
    per_second: float = 40.0

    @property
    def cause(self) -> str:
        """The line that ends at the port, else the device."""
        return f"link:{self.line}" if self.line else f"device:{self.device}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        place = f"{self.device}/{self.port}"
        return f"Lỗi khung tăng ở cổng {place}", f"Errors rise on port {place}"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """Errors are counted."""
        device = district.device(district.hosts[self.device], now)
        device.port(self.port).errors.set_rate(self.per_second, now)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """No more are counted."""
        device = district.device(district.hosts[self.device], now)
        device.port(self.port).errors.set_rate(0.0, now)


@dataclass(frozen=True)
class LightFades(Fault):
    """The light at an optical port fades, as in a bent or wet fibre. dB a second, dB at most.

    line: the id of the line that ends at the port, if there is one.
    """

    device: str
    port: str
    line: str = ""
    per_second: float = 0.5
    at_most: float = 9.0

    @property
    def cause(self) -> str:
        """The line that ends at the port, else the device."""
        return f"link:{self.line}" if self.line else f"device:{self.device}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        place = f"{self.device}/{self.port}"
        return f"Công suất quang ở {place} suy giảm", f"Optical power at {place} fades"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """It begins to fade."""
        device = district.device(district.hosts[self.device], now)
        device.optics[self.port].drift(-self.per_second, self.at_most, now)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """It is as before."""
        district.device(district.hosts[self.device], now).optics[self.port].settle()


@dataclass(frozen=True)
class ServiceDown(Fault):
    """A page of a web server, known by its name, answers with an error."""

    service: str
    host: str
    port: int
    name: str

    @property
    def cause(self) -> str:
        """The service, which counts as a device of the class `service`."""
        return f"device:{self.service}"

    @property
    def words(self) -> tuple[str, str]:
        """What breaks."""
        return f"Dịch vụ {self.service} trả lời lỗi", f"The service {self.service} fails"

    def begin(self, district: SimulatedDistrict, now: float) -> None:
        """It fails."""
        district.hosts[self.host].services[self.port].failing.add(self.name)

    def end(self, district: SimulatedDistrict, now: float) -> None:
        """It is well."""
        district.hosts[self.host].services[self.port].failing.discard(self.name)
