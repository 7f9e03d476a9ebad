"""Our engine's side: takes the batches, keeps every incident with all that it ever said."""

from __future__ import annotations

from benchmarks.yardstick.told import Mention, Told
from collector.evaluate import Engine
from collector.foresight import FORESEEING_RULES
from collector.incident import Incident
from collector.rule import Finding
from collector.rules import RULES
from collector.words import Speaker
from inventory.inventory import Inventory
from telemetry.sample import Batch

_BUILT_IN = {
    "reachability": frozenset({"check_up", "icmp_loss_ratio"}),
    "agent_silent": frozenset({"agent_info"}),
    "agent_clock": frozenset({"host_clock_offset_seconds"}),
    "agent_blind": frozenset({"check_up", "icmp_loss_ratio", "check_failures_total"}),
}
"""Rules that are no file of collector/rules, and where they look."""


class Ours:
    """Runs the engine and writes down what it tells."""

    name = "ours"

    def __init__(self, inventory: Inventory) -> None:
        self._engine = Engine(inventory)
        self._speaker = Speaker()
        self._seq = 0
        self._metrics = {
            rule.name: frozenset(m for kin in RULES if kin.name == rule.name for m in kin.metrics)
            for rule in RULES
        }
        self._written: set[tuple[str, tuple[str, str, str], float]] = set()
        self.told: dict[str, Told] = {}

    def take(self, at: float, batch: Batch) -> None:
        """Judges one batch."""
        self._seq += 1
        for event in self._engine.take_batch(at, batch, self._seq):
            if event.incident is not None:
                self._keep(event.incident, event.at)

    def _keep(self, incident: Incident, at: float) -> None:
        told = self.told.get(incident.id)
        if told is None:
            told = Told(incident.id, at, incident.cause)
            self.told[incident.id] = told
        told.cause = incident.cause
        told.resolved_at = incident.resolved_at
        told.affected = tuple(dict.fromkeys((*told.affected, *incident.affected)))
        for finding in incident.findings:
            episode = (incident.id, finding.key, finding.since)
            if episode not in self._written:
                self._written.add(episode)
                told.mentions.append(self._mention(finding, at))

    def _mention(self, finding: Finding, at: float) -> Mention:
        metrics = self._metrics.get(finding.rule) or _BUILT_IN.get(finding.rule)
        reason = self._speaker.say(finding.reason, "en")
        return Mention(
            at,
            finding.rule,
            finding.target,
            metrics,
            f"[{finding.instance}] {reason}",
            foresees=finding.rule in FORESEEING_RULES,
        )
