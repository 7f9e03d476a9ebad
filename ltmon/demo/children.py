"""The demo's processes: started with a log each, ended by their id."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from telemetry.errors import LtmonError

_PATIENCE_SECONDS = 8.0
_LAST_WORDS = 1500

Starter = Callable[..., "subprocess.Popen[bytes]"]


class ChildDied(LtmonError):  # noqa: N818 - named for what the user sees
    """A process of the demo ended although nobody ended it; the text holds its last words."""


class Children:
    """Starts processes and ends them all, the last one first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        by: Starter = subprocess.Popen,
        **settings: Any,
    ) -> None:
        """Starts a process, `by` something that takes what Popen takes (an office). Its output
        goes to NAME.log; it does not get the Ctrl-C of our terminal.
        """
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = by(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(env),
                start_new_session=True,
                **settings,
            )

    def kill(self, name: str) -> None:
        """Ends a process as a power cut does: at once, without a chance to tidy up."""
        process = self._running.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def check(self) -> None:
        """Raises ChildDied when one has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                log = (self._folder / f"{name}.log").read_text("utf-8", "replace")
                raise ChildDied(
                    f"The process {name} of the demo has ended with code {process.returncode}. "
                    f"It said last:\n{log[-_LAST_WORDS:].rstrip()}"
                )

    def stop(self) -> None:
        """Asks all to end (SIGTERM), and kills who is still there after some seconds."""
        for process in reversed(self._running.values()):
            process.terminate()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
