"""net-snmp's snmpd on a free loopback port, with its own configuration and state."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SNMPD = "/usr/sbin/snmpd"
START_SECONDS = 10.0
PASSWORD, PRIVACY = "authpass123", "privpass123"
USERS = {
    "plain": (),
    "signed": ("SHA", None),
    "md5des": ("MD5", "DES"),
    "sha": ("SHA", "AES"),
    "sha224": ("SHA-224", "AES"),
    "sha256": ("SHA-256", "AES"),
    "sha384": ("SHA-384", "AES-192"),
    "sha512": ("SHA-512", "AES-256"),
    "reeder192": ("SHA", "AES-192-C"),
    "reeder256": ("MD5", "AES-256-C"),
}
"""User names and what they authenticate and encrypt with."""


@dataclass(frozen=True, slots=True)
class Snmpd:
    """A running snmpd; `port` is the same on 127.0.0.1 and ::1. Community `public`; see `USERS`."""

    port: int
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def running_snmpd(folder: Path) -> Iterator[Snmpd]:
    """Starts snmpd, waits until it answers, and stops it in the end. `folder` is its own."""
    port = _free_port()
    configuration = folder / "snmpd.conf"
    configuration.write_text("\n".join(_lines(port)) + "\n")
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "state"), "MIBS": ""}
    arguments = [SNMPD, "-f", "-C", "-c", str(configuration), "-Lf", str(folder / "log")]
    process = subprocess.Popen(arguments, env=environment)
    try:
        _wait_until_it_answers(port, process, folder / "log")
        yield Snmpd(port, process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _lines(port: int) -> Iterator[str]:
    yield f"agentAddress udp:127.0.0.1:{port},udp6:[::1]:{port}"
    yield "sysName test-host"
    yield "sysLocation UBND xã Bắc Bình"
    yield "rocommunity public"
    yield "rocommunity6 public"
    for name, protocols in USERS.items():
        words, level = [f"createUser {name}"], "noauth"
        if protocols:
            words.append(f"{protocols[0]} {PASSWORD}")
            level = "auth"
        if protocols and protocols[1] is not None:
            words.append(f"{protocols[1]} {PRIVACY}")
            level = "priv"
        yield " ".join(words)
        yield f"rouser {name} {level}"


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# GET sysUpTime.0, v2c, community public, request id 1.
_HELLO = bytes.fromhex(
    "302602010104067075626c6963a019020101020100020100300e300c06082b060102010103000500"
)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Asks again every tenth of a second until an answer comes."""
    ends_at = time.monotonic() + START_SECONDS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.1)
        asking.connect(("127.0.0.1", port))
        while time.monotonic() < ends_at and process.poll() is None:
            began = time.monotonic()
            with contextlib.suppress(OSError):
                asking.send(_HELLO)
                asking.recv(2000)
                return
            # A refused port answers at once: do not spin until snmpd listens.
            time.sleep(max(0.0, 0.1 - (time.monotonic() - began)))
    raise AssertionError(f"snmpd does not answer: {log.read_text() if log.exists() else 'no log'}")
