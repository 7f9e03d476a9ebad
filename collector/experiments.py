"""Tries other limits over the journal in a process of its own, so that judging and ingest go on."""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from collector.journals import open_journal
from collector.what_if import Comparison, Expectations, Trial, over_journal
from inventory.inventory import Inventory

log = logging.getLogger(__name__)

KEPT = 8
"""Results that are kept until the collector stops; nobody looks at older ones again."""

STEP = 0.01
"""How much more is done each time that the process says how far it is."""

NICE = 10
"""How far the trial stands back behind everything else on the machine."""


@dataclass(slots=True)
class Experiment:
    """One trial of limits. progress: from 0 to 1; result: once it is done; failed: it ended without."""

    id: str
    text: str
    who: str
    days: int
    from_ms: int
    until_ms: int
    process: BaseProcess
    pipe: Connection
    progress: float = 0.0
    result: Comparison | None = None
    failed: bool = False

    @property
    def is_running(self) -> bool:
        """Whether the result is still to come."""
        return self.result is None and not self.failed


class Experiments:
    """The trials since the start. One runs at a time: it takes a core of a small machine."""

    def __init__(self, journal_url: str, clock: Callable[[], float]) -> None:
        self._journal_url = journal_url
        self._clock = clock
        self._known: dict[str, Experiment] = {}
        self._lock = threading.RLock()

    def start(
        self, inventory: Inventory, tried: Expectations, text: str, days: int, who: str
    ) -> Experiment | None:
        """Begins a trial over the last days; None while another one runs."""
        with self._lock:
            if any(self.look(name).is_running for name in list(self._known)):
                return None
            begun = self._begin(inventory, tried, text, days, who)
            self._known[begun.id] = begun
            for old in list(self._known)[:-KEPT]:
                del self._known[old]
        log.info("other limits are tried", extra={"experiment": begun.id, "days": days, "who": who})
        return begun

    def _begin(
        self, inventory: Inventory, tried: Expectations, text: str, days: int, who: str
    ) -> Experiment:
        until_ms = int(self._clock() * 1000)
        from_ms = until_ms - days * 86_400_000
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe(duplex=False)
        work = (self._journal_url, inventory.to_json(), tried, from_ms, until_ms, theirs)
        process = spawn.Process(target=_run, args=work, daemon=True, name="what-if")
        process.start()
        theirs.close()
        name = secrets.token_hex(6)
        return Experiment(name, text, who, days, from_ms, until_ms, process, ours)

    def look(self, name: str) -> Experiment:
        """The trial as it stands now. Raises KeyError when it is not known."""
        with self._lock:
            experiment = self._known[name]
            if experiment.is_running:
                _hear(experiment)
        return experiment

    def close(self) -> None:
        """Ends what is still running."""
        for name in list(self._known):
            experiment = self.look(name)
            if experiment.is_running:
                experiment.process.terminate()
                experiment.process.join()
                experiment.pipe.close()
        self._known.clear()


def _hear(experiment: Experiment) -> None:
    """Takes in what the process has said since the last time."""
    try:
        while experiment.is_running and experiment.pipe.poll():
            said = experiment.pipe.recv()
            if isinstance(said, Comparison):
                experiment.result = said
            else:
                experiment.progress = said
    except (EOFError, OSError):
        experiment.failed = True
        log.warning("other limits could not be tried", extra={"experiment": experiment.id})
    if not experiment.is_running:
        experiment.pipe.close()
        experiment.process.join()


def _run(
    journal_url: str,
    inventory: str,
    tried: Expectations,
    from_ms: int,
    until_ms: int,
    pipe: Connection,
) -> None:
    """What the process does; what goes wrong is on standard error, and the pipe closes."""
    os.nice(NICE)
    journal = open_journal(journal_url)
    try:
        trial = Trial(Inventory.from_json(inventory), tried)
        told = 0.0
        for done in over_journal(trial, journal, from_ms, until_ms):
            if done - told >= STEP:  # a pipe that nobody empties must not fill up
                pipe.send(done)
                told = done
        pipe.send(trial.comparison())
    finally:
        journal.close()
        pipe.close()
