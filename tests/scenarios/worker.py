"""Processes of ours that a test starts, kills and stops, and how it waits for what they do."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LAST_WORDS = 4000


async def until(
    condition: Callable[[], Any], what: str = "it never happened", seconds: float = 60.0
) -> Any:
    """What `condition` gives as soon as it is true; looks again and again, other processes cannot
    call us. A condition may be a coroutine function.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = condition()
                if isinstance(found, Awaitable):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{what} (waited {seconds:g} s)") from None


class Worker:
    """A process of ours that can be started again and again, in the same state folder.

    inherited: sockets that it gets from us.
    """

    def __init__(
        self, name: str, command: list[str], folder: Path, inherited: tuple[int, ...] = ()
    ) -> None:
        self.name, self.state_dir = name, folder / name
        self._command, self._inherited = command, inherited
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts it and returns at once."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ltmon", *self._command),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self._inherited,
            )

    async def kill(self) -> None:
        """`kill -9`."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Asks it to stop, which it must do cleanly."""
        code = await self._end(signal.SIGTERM)
        assert code == 0, f"{self.name} ended with {code}:\n{self.log()}"

    async def end(self) -> None:
        """Ends it whatever it is doing, at the end of a test."""
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    def log(self) -> str:
        """The end of what it said."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return text[-LAST_WORDS:]

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, f"{self.name} was never started"
        assert self._process.returncode is None, f"{self.name} ended by itself:\n{self.log()}"
        self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 20)
