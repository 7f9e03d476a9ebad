"""Faults of video-conference rooms."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.inventory import Inventory
from simulator.scenarios.calls import MEETING_HOURS, in_meeting
from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault, devices
from simulator.scenarios.rhythm import HOUR
from simulator.scenarios.truth import Truth


class CallsBreak(Fault):
    """Calls of one room are bad, while its line is good: a worn codec, a bad plug behind it."""

    kind = "bad_calls"
    shows = ("conference_call_loss_ratio", "conference_call_jitter_seconds")
    hours = (60.0, 100.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The rooms."""
        return devices(inventory, "vc_endpoint")

    def begin(self, district: District, t: float) -> None:
        """Pictures break up."""
        room = district.boxes[self.where].room
        if room is None:
            raise ValueError(f"{self.where} is no room")
        room.call_loss, room.call_swing = self.chance.uniform(0.03, 0.08), 0.03

    def finish(self, district: District, t: float) -> None:
        """Mended."""
        room = district.boxes[self.where].room
        if room is not None:
            room.call_loss = room.call_swing = 0.0

    def truths(self, district: District) -> tuple[Truth, ...]:
        """It can be seen from the first meeting on."""
        t = self.onset
        while not in_meeting(t) and t < self.end:
            t += 60.0
        seen = self.end - t > MEETING_HOURS * HOUR / 2
        return (self.truth_from(district, t),) if seen else ()

    def truth_from(self, district: District, t: float) -> Truth:
        """The truth with a later onset."""
        return type(self)(self.where, t, self.end, self.chance).truth(district)


class RegistrationLost(Fault):
    """A room is no longer registered and cannot be called."""

    kind = "registration_lost"
    shows = ("conference_registered",)
    hours = (3.0, 20.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The rooms."""
        return devices(inventory, "vc_endpoint")

    def begin(self, district: District, t: float) -> None:
        """Its account has lapsed."""
        room = district.boxes[self.where].room
        if room is None:
            raise ValueError(f"{self.where} is no room")
        room.registered = False

    def finish(self, district: District, t: float) -> None:
        """Registered."""
        room = district.boxes[self.where].room
        if room is not None:
            room.registered = True


class PeripheralFails(RegistrationLost):
    """A room's camera, microphone or display fails."""

    kind = "peripheral_fail"
    shows = ("conference_peripheral_ok",)

    def begin(self, district: District, t: float) -> None:
        """Unplugged by the cleaner."""
        room = district.boxes[self.where].room
        if room is None:
            raise ValueError(f"{self.where} is no room")
        room.peripherals[self.chance.choice(sorted(room.peripherals))] = False

    def finish(self, district: District, t: float) -> None:
        """Plugged in."""
        room = district.boxes[self.where].room
        if room is not None:
            room.peripherals.update(dict.fromkeys(room.peripherals, True))


ROOM_FAULTS: tuple[type[Fault], ...] = (CallsBreak, RegistrationLost, PeripheralFails)
