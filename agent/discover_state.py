"""The file by which a discovery goes on where it was stopped: JSON lines, readable by us alone.

One line for each host of which all is known, one for the silent addresses of each chunk. No secret
stands in it, only ids of credentials. Appended to: after a power cut at most the last line is torn.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter, ValidationError

from agent.discover import Host
from agent.private_files import refuse_symlinks, touch_private
from telemetry.errors import ConfigError

MOST_OCTETS = 256 << 20
_HOSTS = TypeAdapter(Host)


class StateFile:
    """What earlier runs found about `addresses` is in `hosts` and `silent`; more is added to the file.

    Raises ConfigError with one sentence when the file cannot be used or holds something else.
    """

    def __init__(self, path: Path, addresses: Collection[str]) -> None:
        self.hosts: dict[str, Host] = {}
        self.silent: set[str] = set()
        self._path = path
        refuse_symlinks(path)
        touch_private(path)
        if path.stat().st_size > MOST_OCTETS:
            raise ConfigError(f"{path}: is too large to be the state of a discovery.")
        wanted = frozenset(addresses)
        raw = path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            self._take(line, number, wanted)
        self._file: TextIO = path.open("a", encoding="utf-8")
        if len(whole) < len(raw):  # torn by a power cut: what follows must begin a line of its own
            os.truncate(path, len(whole))

    def keep(self, host: Host) -> None:
        """Notes a host of which all is known."""
        self._write({"host": _HOSTS.dump_python(host, mode="json")})

    def keep_silent(self, addresses: Sequence[str]) -> None:
        """Notes addresses that did not answer."""
        if addresses:
            self._write({"silent": list(addresses)})

    def close(self) -> None:
        """Gives the file back."""
        self._file.close()

    def _write(self, what: dict[str, Any]) -> None:
        self._file.write(json.dumps(what) + "\n")
        self._file.flush()

    def _take(self, line: bytes, number: int, wanted: frozenset[str]) -> None:
        try:
            what = json.loads(line)
            if "host" in what:
                host = _HOSTS.validate_python(what["host"])
                if host.address in wanted:
                    self.hosts[host.address] = host
                    self.silent.discard(host.address)
            else:
                self.silent.update(wanted.intersection(what["silent"]))
        except (ValueError, TypeError, KeyError, ValidationError):
            raise ConfigError(
                f"{self._path}, line {number}: expected what an earlier discovery wrote; "
                "name another file or delete this one."
            ) from None
