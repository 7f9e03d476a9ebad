"""Notifications of net-snmp's programs over real sockets: believed, answered, or refused by reason."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from agent.traps.listener import TrapListener
from agent.traps.refusal import Refused
from telemetry.errors import ConfigError
from tests.agent.traps.senders import (
    AUTH,
    COMMUNITY,
    LINK_DOWN,
    LINK_DOWN_V2C,
    LINK_UP,
    PRIVACY,
    ROWS,
    Ear,
    device,
    listening,
    send,
    snmp,
    user_of,
)

pytestmark = pytest.mark.anyio

LOOPBACK = "127.0.0.1"
PROTOCOLS = [
    (None, None),
    ("md5", "des"),
    ("sha", None),
    ("sha", "aes128"),
    ("sha256", "aes256"),
    ("sha384", "aes192"),
    ("sha512", "aes256c"),
]
NET_SNMP = {
    "md5": "MD5",
    "sha": "SHA",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "des": "DES",
    "aes128": "AES",
    "aes192": "AES-192",
    "aes256": "AES-256",
    "aes256c": "AES-256-C",
}


async def refused(listener: TrapListener, reason: Refused, count: int = 1) -> None:
    """Waits until so many were refused for this reason."""
    async with asyncio.timeout(10):
        while listener.refused[reason] < count:  # noqa: ASYNC110 - it tells nobody of a refusal
            await asyncio.sleep(0.005)


def version_3(auth: str | None, privacy: str | None, password: str = AUTH) -> list[str]:
    arguments = ["-v3", "-u", "mon", "-r", "0", "-t", "3"]
    if auth:
        arguments += ["-a", NET_SNMP[auth], "-A", password]
    if privacy:
        arguments += ["-x", NET_SNMP[privacy], "-X", PRIVACY]
    return [*arguments, "-l", f"{'auth' if auth else 'noAuth'}{'' if privacy else 'No'}Priv"]


async def test_version_1(tmp_path: Path) -> None:
    """Generic traps get their names; UPS-MIB's come as enterprise-specific ones."""
    ear = Ear()
    async with listening([device("switch", LOOPBACK, COMMUNITY)], ear) as listener:
        to = f"{LOOPBACK}:{listener.ports[0]}"
        head = ("-v1", "-c", "secret", to)
        for generic in range(5):
            generic_trap = ("1.3.6.1.4.1.9.1.1", "10.9.9.9", str(generic), "0", "77")
            assert (await snmp(tmp_path, "snmptrap", *head, *generic_trap))[0] == 0
        ups = ("1.3.6.1.2.1.33.2", "10.9.9.9", "6", "3", "77")
        assert (await snmp(tmp_path, "snmptrap", *head, *ups, *ROWS))[0] == 0
        await ear.until(lambda: len(ear.heard) == 6)
    names = [name for _, name in ear.heard]
    assert names[:3] == ["coldStart", "warmStart", "linkDown"]
    assert names[3:] == ["linkUp", "authenticationFailure", "upsTrapAlarmEntryAdded"]
    assert {name for name, _ in ear.heard} == {"switch"}


async def test_version_2c(tmp_path: Path) -> None:
    """Traps are believed, informs answered as well."""
    ear = Ear()
    async with listening([device("switch", LOOPBACK, COMMUNITY)], ear) as listener:
        to = f"{LOOPBACK}:{listener.ports[0]}"
        sent = await snmp(tmp_path, "snmptrap", "-v2c", "-c", "secret", to, "77", LINK_DOWN, *ROWS)
        assert sent == (0, "")
        inform = ("-v2c", "-c", "secret", "-r", "0", "-t", "3", to, "77")
        assert await snmp(tmp_path, "snmpinform", *inform, LINK_UP, *ROWS) == (0, "")
        assert await snmp(tmp_path, "snmpinform", *inform, "1.3.6.1.4.1.9.7") == (0, "")
        assert listener.refused == {Refused.UNKNOWN_TRAP: 1}
    assert ear.heard == [("switch", "linkDown"), ("switch", "linkUp")]


@pytest.mark.parametrize(("auth", "privacy"), PROTOCOLS)
async def test_version_3(tmp_path: Path, auth: str | None, privacy: str | None) -> None:
    """Traps by the sender's clock, informs by ours, which is asked for first."""
    ear = Ear()
    async with listening([device("switch", LOOPBACK, user_of(auth, privacy))], ear) as listener:
        to = f"{LOOPBACK}:{listener.ports[0]}"
        head = version_3(auth, privacy)
        trap = await snmp(tmp_path, "snmptrap", *head, to, "77", LINK_DOWN, *ROWS)
        assert trap[0] == 0, trap
        inform = await snmp(tmp_path, "snmpinform", *head, to, "77", LINK_UP, *ROWS)
        assert inform == (0, "")
        assert not listener.refused
    assert ear.heard == [("switch", "linkDown"), ("switch", "linkUp")]


async def test_who_is_not_believed(tmp_path: Path) -> None:
    """A stranger, another community, another password, less security than agreed, SNMPv2c for a user."""
    ear = Ear()
    devices = [
        device("switch", "127.0.0.2", COMMUNITY),
        device("router", "127.0.0.3", user_of("sha", "aes128")),
        device("mute", "127.0.0.4", None),
    ]
    async with listening(devices, ear) as listener:
        to = f"{LOOPBACK}:{listener.ports[0]}"

        async def trap(source: str, *head: str) -> None:
            body = (to, "77", LINK_DOWN)
            own = f"--clientaddr={source}"
            assert (await snmp(tmp_path, "snmptrap", own, *head, *body))[0] == 0

        secret, wrong = ("-v2c", "-c", "secret"), ("-v2c", "-c", "wrong")
        await trap(LOOPBACK, *secret)
        await trap("127.0.0.4", *secret)
        await refused(listener, Refused.UNKNOWN_SENDER, 2)
        await trap("127.0.0.2", *wrong)
        await trap("127.0.0.3", *secret)
        await refused(listener, Refused.WRONG_COMMUNITY, 2)
        await trap("127.0.0.3", *version_3("sha", "aes128", "not the password"))
        await trap("127.0.0.3", *version_3("sha", None))
        await trap("127.0.0.3", *version_3(None, None))
        await trap("127.0.0.2", *version_3("sha", "aes128"))
        await refused(listener, Refused.WRONG_USER, 4)
        assert ear.heard == []
        await trap("127.0.0.3", *version_3("sha", "aes128"))
        await trap("127.0.0.2", *secret)
        await ear.until(lambda: len(ear.heard) == 2)
        assert sorted(ear.heard) == [("router", "linkDown"), ("switch", "linkDown")]
        listener.use([devices[1]])
        await trap("127.0.0.2", *secret)
        await refused(listener, Refused.UNKNOWN_SENDER, 3)
    assert sum(listener.refused.values()) == 9


async def test_a_flood(caplog: pytest.LogCaptureFixture) -> None:
    """Ten thousand from one device: what was agreed is heard, the rest counted; one line in the log."""
    ear = Ear()
    with caplog.at_level("WARNING"):
        devices = [device("switch", LOOPBACK, COMMUNITY)]
        async with listening(devices, ear, rate=1.0, total=100.0) as listener:
            for _ in range(100):
                send(LINK_DOWN_V2C, listener.ports[0], times=100)
                await asyncio.sleep(0)
            send(b"", listener.ports[0], "127.0.0.9")
            await refused(listener, Refused.UNKNOWN_SENDER)
            assert 20 <= len(ear.heard) <= 30
            assert listener.refused[Refused.RATE_LIMITED] > 1000
    assert len([r for r in caplog.records if r.message == "traps refused"]) == 2


async def test_a_port_in_use_is_one_sentence() -> None:
    """And nothing stays open."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((LOOPBACK, 0))
        port = taken.getsockname()[1]
        listen = [(LOOPBACK, 0), (LOOPBACK, port)]
        listener = TrapListener(listen, {}, Ear().take, name="a", rate=1, total=1)
        with pytest.raises(ConfigError, match=f"for traps on 127.0.0.1 UDP port {port}: Address"):
            listener.start()
        assert listener.ports == ()


async def test_over_ipv6(tmp_path: Path) -> None:
    """The same, answers too."""
    ear = Ear()
    async with listening([device("switch", "::1", COMMUNITY)], ear, "::1") as listener:
        to = f"udp6:[::1]:{listener.ports[0]}"
        inform = ("-v2c", "-c", "secret", "-r", "0", "-t", "3", to, "77", LINK_UP)
        assert await snmp(tmp_path, "snmpinform", *inform) == (0, "")
    assert ear.heard == [("switch", "linkUp")]
