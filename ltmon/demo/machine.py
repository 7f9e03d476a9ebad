"""net-snmp's snmpd for this very machine: on loopback, on a free port, with a config of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ltmon.demo.children import Children

_LOOPBACKS = ("127.0.0.1", "127.0.0.2")


def _secret() -> str:
    return secrets.token_hex(12)


@dataclass(frozen=True, slots=True)
class Snmpd:
    """An snmpd to be started. Community and passwords are made for this run."""

    program: str
    port: int
    community: str = field(default_factory=_secret, repr=False)
    signing: str = field(default_factory=_secret, repr=False)
    privacy: str = field(default_factory=_secret, repr=False)

    def credentials(self) -> list[dict[str, Any]]:
        """How the agent asks it, for the inventory."""
        return [
            {"id": "machine-v2c", "version": "2c", "community": self.community},
            {
                "id": "machine-v3",
                "version": "3",
                "user": "ltmon",
                "auth": {"protocol": "sha256", "password": self.signing},
                "privacy": {"protocol": "aes128", "password": self.privacy},
            },
        ]

    def start(self, children: Children, folder: Path) -> None:
        """Starts it among the demo's processes; its files lie in `folder`."""
        own = folder / "snmpd"
        own.mkdir(mode=0o700)
        config = own / "snmpd.conf"
        addresses = ",".join(f"udp:{address}:{self.port}" for address in _LOOPBACKS)
        config.write_text(
            f"agentaddress {addresses}\n"
            f"rocommunity {self.community} 127.0.0.0/8\n"
            f'createUser ltmon SHA-256 "{self.signing}" AES "{self.privacy}"\n'
            "rouser ltmon authPriv\n"
            "sysLocation lap-thach demo\n"
            "dontLogTCPWrappersConnects yes\n",
            encoding="utf-8",
        )
        config.chmod(0o600)
        command = [self.program, "-f", "-C", "-c", str(config), "-Lo", "-p", str(own / "pid")]
        # Its own folder, and no MIB files, of which it needs none and would miss some aloud.
        variables = {**os.environ, "SNMP_PERSISTENT_DIR": str(own), "MIBS": ""}
        children.start("snmpd", command, env=variables)


def find_snmpd() -> Snmpd | None:
    """An snmpd on a free port, None where net-snmp is not installed."""
    program = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.bind(("127.0.0.1", 0))
        return Snmpd(program, trial.getsockname()[1])
