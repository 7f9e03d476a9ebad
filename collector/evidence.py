"""Which measurements of a device may be shown but must not alarm: no real device has proven them yet."""

from __future__ import annotations

from collections.abc import Iterable

from collector.state import TargetState
from inventory.inventory import Inventory
from inventory.profile import doubted, ever_unproven
from telemetry.catalogue import DEVICE_INFO
from telemetry.labels import Labels


class Evidence:
    """Knows by a device's profile which of its metrics are proven; what comes from standard MIBs always is.

    The profile is the one that the device was last seen to have (`device_info`), else the one that the
    inventory names.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def unproven(self, target: TargetState, metric: str, labels: Labels) -> bool:
        """Whether this series of the target must not alarm. Quick where no profile doubts its metric."""
        return metric in ever_unproven() and doubted(self._profile(target), metric, dict(labels))

    def _profile(self, target: TargetState) -> str:
        said = [fact for fact in target.facts.values() if fact.metric == DEVICE_INFO.name]
        newest = max(said, key=lambda fact: fact.at, default=None)
        return profile_of_device(self._inventory, target.id, newest.labels if newest else ())


def profile_of_device(inventory: Inventory, target: str, info: Labels) -> str:
    """The id of a target's profile by the labels of its newest `device_info`, else by the inventory; may
    be no profile's.
    """
    device = inventory.device(target)
    return dict(info).get("profile") or (device.profile if device is not None else "")


def unproven_among(
    inventory: Inventory, target: str, series: Iterable[tuple[str, Labels]]
) -> frozenset[tuple[str, Labels]]:
    """Those of the target's series, the newest last, that are shown but never alarm."""
    found = tuple(series)
    infos = [labels for metric, labels in found if metric == DEVICE_INFO.name]
    profile = profile_of_device(inventory, target, infos[-1] if infos else ())
    return frozenset(one for one in found if doubted(profile, one[0], dict(one[1])))
