"""How this program and its machine ended the last time: in order, or cut off.

A small file in the state directory says "running" from start to stop. Who finds it so at the next start
was cut off; the system's boot id tells whether the machine went down with the program. Where the system
keeps a record of its shutdowns (`agent/shutdown_record.py`), that is the better witness of the machine.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from agent.private_files import write_private
from agent.self_metrics import boot_time
from agent.shutdown_record import ended_in_order

log = logging.getLogger(__name__)

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
FILE_NAME = "last_run.json"


@dataclass(frozen=True, slots=True)
class LastEnd:
    """Whether each ended in order; None where nothing tells: at the first start, or for the machine
    where the system has no boot id.
    """

    program: bool | None = None
    machine: bool | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """What the file says. boot: the boot id, empty where there is none. machine: how the machine had
    ended before this boot.
    """

    boot: str
    stopped: bool
    machine: bool | None


class RunMarker:
    """Marks the state directory as in use: enter it once at the start, leave it at the stop.

    Left by an exception that ends the program, it stays marked: that was no stop in order. A disk that
    takes no file costs the knowledge, not the measuring.
    """

    def __init__(
        self,
        state_dir: Path,
        boot_id: Path = BOOT_ID,
        shut_down: Callable[[], bool | None] = lambda: ended_in_order(boot_time()),
    ) -> None:
        self._file = state_dir / FILE_NAME
        self._boot = _boot_id(boot_id)
        self._shut_down = shut_down
        self.last = LastEnd()

    def __enter__(self) -> RunMarker:
        before = self._read()
        self.last = LastEnd(before.stopped if before else None, self._machine(before))
        self._write(stopped=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, Exception):
            self._write(stopped=True)

    def _machine(self, before: _Run | None) -> bool | None:
        recorded = self._shut_down()
        if recorded is not None or before is None or not (self._boot and before.boot):
            return recorded
        if before.boot == self._boot:
            return before.machine
        return before.stopped

    def _read(self) -> _Run | None:
        try:
            said = json.loads(self._file.read_text(encoding="utf-8"))
            return _Run(str(said["boot"]), bool(said["stopped"]), said["machine"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("how the last run ended cannot be read", extra={"file": self._file})
            return None

    def _write(self, stopped: bool) -> None:
        run = _Run(self._boot, stopped, self.last.machine)
        try:
            write_private(self._file, json.dumps(asdict(run)))
        except OSError as error:
            log.warning("how this run ends cannot be kept", extra={"error": error.strerror})
            self._forget()

    def _forget(self) -> None:
        """What stands there is of an earlier run and would be taken for this one's."""
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the mark of an old run stays", extra={"error": error.strerror})


def _boot_id(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""  # not Linux
