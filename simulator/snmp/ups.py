"""The UPS-MIB (RFC 1628) of a simulated UPS, whose charge falls on battery and returns on mains."""

from __future__ import annotations

from simulator.snmp import ber
from simulator.snmp.ber import Oid
from simulator.snmp.tree import Cell

UPS_OBJECTS: Oid = (1, 3, 6, 1, 2, 1, 33, 1)

NORMAL, BATTERY = 3, 5
"""upsOutputSource."""

_CHARGED_PER_SECOND = 0.1  # percent points
_LEFT = 0.6  # share of the charge that shows when the battery gives out


class Ups:
    """One UPS. minutes: how long a full battery carries the load of its office."""

    def __init__(self, minutes: float = 25.0, volts: float = 228.0) -> None:
        self._minutes = minutes
        self._volts = volts
        self._charge = 100.0
        self._changed = 0.0
        self._per_second = _CHARGED_PER_SECOND
        self.on_battery_since: float | None = None

    def charge(self, now: float) -> float:
        """Percent left at `now`."""
        return min(100.0, max(0.0, self._charge + self._per_second * (now - self._changed)))

    def mains_lost(self, now: float, lasts_seconds: float) -> None:
        """From `now` on the battery carries the load, and gives out after `lasts_seconds`.

        An aged battery does so while more than half of its charge still shows.
        """
        self._charge, self._changed = self.charge(now), now
        self._per_second = (_LEFT - 1.0) * self._charge / lasts_seconds
        self.on_battery_since = now

    def mains_back(self, now: float) -> None:
        """The mains carry the load again and the battery charges."""
        self._charge, self._changed = self.charge(now), now
        self._per_second = _CHARGED_PER_SECOND
        self.on_battery_since = None

    def cells(self) -> dict[Oid, Cell]:
        """All objects."""
        groups: tuple[tuple[Oid, Cell], ...] = (
            ((1, 1, 0), ber.encode_text("SANTAK")),
            ((1, 2, 0), ber.encode_text("C2K rack")),
            ((1, 3, 0), ber.encode_text("02.10")),
            *self._battery(),
            ((3, 1, 0), ber.encode_integer(0, ber.COUNTER32)),
            ((3, 2, 0), ber.encode_integer(1)),
            ((3, 3, 1, 2, 1), ber.encode_integer(500)),
            (
                (3, 3, 1, 3, 1),
                lambda now: ber.encode_integer(0 if self._dark else int(self._volts)),
            ),
            ((4, 1, 0), lambda now: ber.encode_integer(BATTERY if self._dark else NORMAL)),
            ((4, 2, 0), ber.encode_integer(500)),
            ((4, 3, 0), ber.encode_integer(1)),
            ((4, 4, 1, 2, 1), ber.encode_integer(int(self._volts))),
            ((4, 4, 1, 5, 1), ber.encode_integer(38)),
            ((6, 1, 0), lambda now: ber.encode_integer(int(self._dark), ber.GAUGE32)),
        )
        return {UPS_OBJECTS + suffix: cell for suffix, cell in groups}

    @property
    def _dark(self) -> bool:
        return self.on_battery_since is not None

    def _battery(self) -> tuple[tuple[Oid, Cell], ...]:
        def on_battery_seconds(now: float) -> bytes:
            since = self.on_battery_since
            return ber.encode_integer(0 if since is None else int(now - since))

        return (
            ((2, 1, 0), lambda now: ber.encode_integer(3 if self.charge(now) < 20 else 2)),
            ((2, 2, 0), on_battery_seconds),
            (
                (2, 3, 0),
                lambda now: ber.encode_integer(int(self.charge(now) / 100 * self._minutes)),
            ),
            ((2, 4, 0), lambda now: ber.encode_integer(int(self.charge(now)))),
            ((2, 5, 0), lambda now: ber.encode_integer(int(480 + 0.6 * self.charge(now)))),
            ((2, 7, 0), ber.encode_integer(29)),
        )
