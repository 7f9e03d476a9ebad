"""net-snmp's snmptrap and snmpinform, and the devices that they play."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agent.probe import Target
from agent.traps.ber import OCTETS, OID, SEQUENCE, element, whole
from agent.traps.listener import TrapListener
from agent.traps.names import names_in
from inventory.credentials import Credentials

LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
AUTH, PRIVACY = "authpass123", "privpass123"
ROWS = ("1.3.6.1.2.1.2.2.1.1.5", "i", "5")
_ROW = element(
    SEQUENCE,
    element(OID, bytes.fromhex("2b060106030101040100")),
    element(OID, bytes.fromhex("2b0601060301010503")),
)
LINK_DOWN_V2C = element(
    SEQUENCE,
    whole(1),
    element(OCTETS, b"secret"),
    element(0xA7, whole(1), whole(0), whole(0), element(SEQUENCE, _ROW)),
)
COMMUNITY = Credentials.model_validate({"id": "lan", "version": "2c", "community": "secret"})


def user_of(auth: str | None, privacy: str | None) -> Credentials:
    """A user `mon` with these protocols."""
    data: dict[str, Any] = {"id": "v3", "version": "3", "user": "mon"}
    if auth:
        data["auth"] = {"protocol": auth, "password": AUTH}
    if privacy:
        data["privacy"] = {"protocol": privacy, "password": PRIVACY}
    return Credentials.model_validate(data)


def device(name: str, address: str, credentials: Credentials | None) -> Target:
    return Target(name, "office", "lan_switch", address, credentials=credentials)


class Ear:
    """Remembers what a listener heard; `until` waits for it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self._changed = asyncio.Event()

    def take(self, target: Target, trap: str) -> None:
        self.heard.append((target.id, trap))
        self._changed.set()

    async def until(self, enough: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not enough():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def listening(
    targets: Iterable[Target], ear: Ear, host: str = "127.0.0.1", **options: Any
) -> AsyncIterator[TrapListener]:
    """A listener on a free port that believes these devices."""
    rates = {"rate": 100.0, "total": 1000.0, **options}
    listener = TrapListener([(host, 0)], names_in(()), ear.take, name="office", **rates)
    listener.use(targets)
    listener.start()
    try:
        yield listener
    finally:
        listener.close()


async def snmp(folder: Path, program: str, *arguments: str) -> tuple[int | None, str]:
    """Runs one of net-snmp's programs; its exit code and what it said."""
    (folder / "cert_indexes").mkdir(exist_ok=True)
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "MIBS": "", "SNMPCONFPATH": ""}
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def send(octets: bytes, port: int, source: str = "127.0.0.1", times: int = 1) -> None:
    """Sends a datagram from a loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for _ in range(times):
            sender.sendto(octets, ("127.0.0.1", port))
