"""The judging engine: a pure, deterministic function of the ordered journal.

No wall clock, no randomness, no I/O: a restart is snapshot and replay of the tail, and the same
entries give the same events, byte for byte.

Two clocks drive it, both taken from the journal. What an agent measured is judged on the agent's
own
clock, so that a backlog is judged as of the time when it was measured. Only silence is judged on
the
collector's clock, `now`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from collector import accounting
from collector.announce import Announcer
from collector.availability import Availability
from collector.blindness import Blindness
from collector.condition_judge import ConditionJudge
from collector.corrections import Correction
from collector.deadlines import Deadlines
from collector.events import Event
from collector.heartbeat import Heartbeats
from collector.history import HOUR
from collector.incidents import KEPT_SECONDS
from collector.inquiry import Inquiry
from collector.intake import Intake, Moment
from collector.journal import Entry, EntryKind
from collector.knowledge import Knowledge, dump_knowledge, load_knowledge
from collector.looking import Looking
from collector.rule import Finding, Question
from collector.rules import RULES
from collector.silences import read_silence
from collector.surroundings import Surroundings
from collector.twins import TwinCircles
from collector.untimely import read_untimely
from collector.view import View
from collector.viewpoint import Viewpoints
from inventory.inventory import Inventory
from telemetry.remotewrite import SeriesCache, decode_message
from telemetry.sample import Batch, Row

RESTART_GAP_SECONDS = 60.0
"""A journal that says nothing for this long, not even that time passes: the collector was off."""

TWINS_AFTER_SECONDS = 300.0
"""How long after the full hour twins are compared: by then the hour of each is complete."""

TWIN_METRICS = frozenset(
    metric for rule in RULES if rule.question is Question.TWINS for metric in rule.metrics
)
"""What is compared with the like elsewhere."""


class Engine:
    """Judges journal entries in order. Start it empty or from a snapshot, then `apply` each once.

    inventory: as it is judged by; view: how things stand. A new inventory brings a new view.
    """

    def __init__(self, inventory: Inventory, knowledge: Knowledge | None = None) -> None:
        self._knowledge = knowledge or Knowledge()
        self._cache = SeriesCache()
        self._take_inventory(inventory)

    @property
    def now(self) -> float:
        """Newest time in the journal, seconds since 1970."""
        return self._knowledge.now

    @property
    def seq(self) -> int:
        """The last entry applied."""
        return self._knowledge.seq

    def apply(self, entry: Entry) -> list[Event]:
        """Judges one entry and returns what changed, in order."""
        self._knowledge.seq = entry.seq
        self._pass_time(entry.at_ms / 1000.0)
        match entry.kind:
            case EntryKind.SAMPLES:
                self._take_rows(
                    decode_message(entry.payload, self._cache).batch.rows(), entry.source
                )
            case EntryKind.INVENTORY:
                self._take_inventory(Inventory.from_json(entry.payload.decode()))
            case EntryKind.ACKNOWLEDGE:
                said = json.loads(entry.payload)
                self._announcer.acknowledge(
                    said["incident"], entry.source, said.get("note", ""), self.now
                )
            case EntryKind.SILENCE:
                silence = read_silence(entry.payload, entry.source)
                self._knowledge.silences[silence.id] = silence
            case EntryKind.CLOCK:
                said_time = read_untimely(entry.payload)
                agent = self._intake.agent(entry.source, said_time.site)
                self._heartbeats.hear_untimely(agent, said_time.newest)
            case EntryKind.TICK:
                pass
        self._watch_silence()
        return self._announcer.take_events(entry.seq)

    def take_batch(self, at: float, batch: Batch, seq: int) -> list[Event]:
        """The same as a samples entry that arrived at `at`, for samples that are decoded already."""
        return self.take_rows(at, batch.rows(), seq)

    def take_rows(self, at: float, rows: Iterable[Row], seq: int) -> list[Event]:
        """The same for samples that are in order of time already."""
        self._knowledge.seq = seq
        self._pass_time(at)
        self._take_rows(rows, "")
        self._watch_silence()
        return self._announcer.take_events(seq)

    def corrections(self) -> list[Correction]:
        """What late word has changed since the last call about time that was accounted for already."""
        return self._availability.ledger.corrections.take()

    def snapshot(self) -> bytes:
        """All that the engine knows, as JSON; the same knowledge gives the same bytes."""
        return dump_knowledge(self._knowledge)

    @classmethod
    def restore(cls, inventory: Inventory, snapshot: bytes) -> Engine:
        """The engine as it stood at `snapshot`."""
        return cls(inventory, load_knowledge(snapshot))

    def _take_inventory(self, inventory: Inventory) -> None:
        """From now on this is what exists; what is gone from it is no longer judged."""
        self.inventory = inventory
        known = self._knowledge
        self.view = View(inventory, known)
        for name in [name for name in known.targets if not _exists(inventory, name)]:
            self._drop_target(name)
        surroundings = Surroundings(inventory, known.targets, known.agents)
        self._announcer = Announcer(inventory, known, surroundings)
        self._blindness = Blindness(inventory, known, surroundings, self._announcer)
        self._availability = Availability(
            inventory, known, surroundings, self._announcer, self._blindness
        )
        viewpoints = Viewpoints(inventory, known.targets, known.agents)
        self._inquiry = Inquiry(inventory, known, viewpoints, self._announcer)
        self._heartbeats = Heartbeats(inventory, known, surroundings, self._announcer)
        self._judge = ConditionJudge(inventory, surroundings, self._availability, self._announcer)
        self._intake = Intake(inventory, known, RULES)
        self._twins = TwinCircles(inventory, known.agents, TWIN_METRICS)
        self._looking = Looking(inventory, self._availability, self._blindness)
        self._deadlines = Deadlines(known, self._availability)

    def _drop_target(self, name: str) -> None:
        """Forgets a target that the inventory no longer has, and ends what was open against it."""
        target = self._knowledge.targets.pop(name)
        self._knowledge.waiting.pop(name, None)
        for standing in target.standings.values():
            if standing.level:
                finding = Finding.of(target, standing)
                self._announcer.withdraw(finding, self.now)

    def _pass_time(self, now: float) -> None:
        """Moves the collector's clock; it never goes back."""
        known = self._knowledge
        if now - known.now > RESTART_GAP_SECONDS:
            known.listening_since = now
        known.now = max(known.now, now)

    def _take_rows(self, rows: Iterable[Row], source: str) -> None:
        for moment in self._intake.moments(rows, source, self._heartbeats.hear):
            if not self._knowledge.begun:
                self._knowledge.begun = moment.at
            self._judge_moment(moment)

    def _judge_moment(self, moment: Moment) -> None:
        """Reachability first, so that rules know whether their target is there at all."""
        at = moment.at
        looked_at, not_made = self._looking.take(moment)
        for target in looked_at.values():
            if not target.account.begun:
                accounting.begin(target, self._knowledge.begun)
                self._deadlines.expect(target, at)
            target.measured_at = max(target.measured_at, at)
            self._availability.look(target, at)
        for feed in moment.touched:
            if feed.look not in not_made:
                self._judge.judge(feed, feed.rules, at)
        for feed in moment.turned:
            self._judge.judge(feed, feed.hourly, at)
        for name in list(self._knowledge.waiting):
            if name not in looked_at:
                self._availability.look(self._knowledge.targets[name], at)

    def _watch_silence(self) -> None:
        """What nobody has measured for too long, and who has fallen silent."""
        known = self._knowledge
        self._deadlines.watch()
        self._heartbeats.watch()
        self._inquiry.review()
        self._compare_twins()
        known.book.forget(known.now - KEPT_SECONDS)

    def _compare_twins(self) -> None:
        """Once an hour, some minutes after it was full: how does each stand among its like?"""
        known = self._knowledge
        if known.now < known.twins_due:
            return
        begun = known.twins_due > 0.0
        known.twins_due = (known.now // HOUR + 1.0) * HOUR + TWINS_AFTER_SECONDS
        if not begun:
            return
        self._twins.compare(known.targets.values(), known.now)


def _exists(inventory: Inventory, name: str) -> bool:
    return inventory.device(name) is not None or inventory.service(name) is not None
