"""Who is told, by which channel, and in which language.

A recipient is written in the outbox as `person:ID` or `channel:NAME`, never as an address: an
address that is corrected in the inventory counts for messages that wait, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.channel import ChannelSettings
from inventory.inventory import Inventory

TOLD_EVERYTHING = frozenset({"lead"})
"""The roles that are told of every incident."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to tell a recipient. to: the address in the channel's form."""

    recipient: str
    channel: str
    to: str
    language: str


class Recipients:
    """Looks up who is to be told; made anew from the inventory as it is now."""

    def __init__(
        self, inventory: Inventory, settings: Mapping[str, ChannelSettings], language: str
    ) -> None:
        self._inventory = inventory
        self._settings = settings
        self._language = language

    def first_ways(self) -> list[Way]:
        """Each recipient's preferred way."""
        names = dict.fromkeys(way.recipient for way in self._ways())
        return [way for name in names if (way := self.way_after(name, None))]

    def nobody(self) -> list[str]:
        """People who should be told, but by channels only that are not configured."""
        reached = {way.recipient for way in self._ways()}
        wanted = [f"person:{p.id}" for p in self._inventory.people if p.role in TOLD_EVERYTHING]
        return [name for name in wanted if name not in reached]

    def way(self, recipient: str, channel: str) -> Way | None:
        """The recipient's way by this channel, None when there is none any more."""
        found = [w for w in self._ways() if w.recipient == recipient and w.channel == channel]
        return found[0] if found else None

    def ways_by(self, channel: str) -> list[Way]:
        """Everybody who can be told by this channel."""
        return [way for way in self._ways() if way.channel == channel]

    def way_after(self, recipient: str, channel: str | None) -> Way | None:
        """The recipient's next way after `channel`; the first for None."""
        ways = list(dict.fromkeys(w.channel for w in self._ways() if w.recipient == recipient))
        if channel is not None:
            ways = ways[ways.index(channel) + 1 :] if channel in ways else []
        return self.way(recipient, ways[0]) if ways else None

    def _ways(self) -> list[Way]:
        people = [
            Way(f"person:{person.id}", reach.channel, reach.to, person.language)
            for person in self._inventory.people
            if person.role in TOLD_EVERYTHING
            for reach in person.reach
            if reach.channel in self._settings
        ]
        standing = [
            Way(f"channel:{name}", name, to, self._language)
            for name, settings in self._settings.items()
            for to in settings.standing_recipients
        ]
        return people + standing
