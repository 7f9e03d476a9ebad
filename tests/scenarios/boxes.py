"""Devices of a test's district: each is an address of loopback with a TCP port that answers or not."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

QUICK = {"interval": "1s", "timeout": "500ms"}


def loopback(number: int) -> str:
    """An address of loopback that no other test process uses.

    Never 127.0.0.1: outgoing connections come from there, and one of them could hold the very port
    that a killed collector wants back.
    """
    return f"127.{64 + (os.getpid() >> 8) % 64}.{os.getpid() % 256}.{number}"


def free_port(address: str) -> int:
    """A port of this address that nobody listens at."""
    with socket.create_server((address, 0)) as server:
        return int(server.getsockname()[1])


class Box:
    """A device that lives while its port is open.

    answered: how often it was asked and answered; exact only for one that was never closed.
    """

    def __init__(self, name: str, class_: str, site: str, parent: str, address: str) -> None:
        self.name, self.class_, self.site, self.parent = name, class_, site, parent
        self.address = address
        self.port = free_port(address)
        self.answered = 0
        self.was_closed = False
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """From now on it answers."""
        self._server = await asyncio.start_server(self._answer, self.address, self.port)

    async def close(self) -> None:
        """From now on its port is closed, as if it were off."""
        self.was_closed = True
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def row(self, check: dict[str, str]) -> dict[str, Any]:
        """The device as the inventory's file has it; asked by TCP alone."""
        return {
            "id": self.name,
            "site": self.site,
            "class": self.class_,
            "address": self.address,
            "parents": [self.parent] if self.parent else [],
            "checks": {"icmp": False, "tcp": {**check, "port": self.port}},
        }

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answered += 1
        writer.close()


class Office:
    """A commune: a router, behind it a switch, behind that a room, a PC, a printer and a camera."""

    LEAVES = (
        ("room", "vc_endpoint"),
        ("pc", "workstation"),
        ("printer", "printer"),
        ("camera", "camera"),
    )

    def __init__(self, site: str, number: int) -> None:
        self.site = site
        self.boxes: dict[str, Box] = {}
        self._number = number
        self._add("router", "router", "")
        self._add("switch", "lan_switch", f"{site}-router")
        for name, class_ in self.LEAVES:
            self._add(name, class_, f"{site}-switch")

    def _add(self, name: str, class_: str, parent: str) -> None:
        address = loopback(10 * self._number + len(self.boxes))
        self.boxes[name] = Box(f"{self.site}-{name}", class_, self.site, parent, address)

    @property
    def behind_the_switch(self) -> list[Box]:
        """What is reached through the switch."""
        return [self.boxes[name] for name, _ in self.LEAVES]

    async def lose_switch(self) -> None:
        """The switch is off, and nothing behind it can be reached."""
        for box in [self.boxes["switch"], *self.behind_the_switch]:
            await box.close()
