"""Which incident speaks of which truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.yardstick.told import Mention, Told
from simulator.scenarios.truth import Innocent, Truth

GRACE_SECONDS = 1800.0
"""An incident may be opened so long after its fault has ended: a slow look, a late batch."""
EARLY_SECONDS = 60.0
"""Clocks differ: an incident that is opened so little before its fault's onset still speaks of it."""
ANSWERS = {"check_up", "icmp_loss_ratio"}
"""Where a fault shows that takes others' answers away; only of such are those behind it affected."""


@dataclass(slots=True)
class Named:
    """A truth and the incidents that speak of it. at: when it was first named; by: by which."""

    truth: Truth
    at: float | None = None
    by: Told | None = None
    incidents: list[Told] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether the incident that first named it ended up with a right cause."""
        return self.by is not None and self.by.cause in self.truth.causes


@dataclass(slots=True)
class Matched:
    """All truths with what was said of them; false incidents, and those that nobody blames."""

    named: list[Named]
    false: list[Told]
    blameless: list[Told]


def match(truths: Sequence[Truth], innocents: Iterable[Innocent], told: Iterable[Told]) -> Matched:
    """Lays every incident to the truth that it speaks of best.

    An incident speaks of a truth when it says something, between onset and end (with some grace), by
    a rule that looks where the truth shows, and its cause is right or it names or affects a target.
    What joins an open incident later may speak of another truth than the one that opened it.
    """
    named = [Named(truth) for truth in truths]
    visible = [innocent for innocent in innocents if innocent.visible]
    false: list[Told] = []
    blameless: list[Told] = []
    for incident in sorted(told, key=lambda incident: incident.opened_at):
        spoken = [_of(named, incident, mention) for mention in incident.mentions]
        hits = [hit for hit in spoken if hit is not None]
        if not hits:
            excused = any(_excuses(innocent, incident) for innocent in visible)
            (blameless if excused else false).append(incident)
            continue
        opened_for = hits[0]
        opened_for.incidents.append(incident)
        for mention, hit in zip(incident.mentions, spoken, strict=True):
            if hit is not None:
                for one in _event(named, hit, incident):
                    _name(one, mention.at, incident)
    return Matched(named, false, blameless)


def _of(named: list[Named], incident: Told, mention: Mention) -> Named | None:
    """The truth of which the mention speaks best: of two of the same rank the one that wears, if it
    foresees; the one that shows in more of what the rule looks at; the narrower one; the later one.
    """
    ranked = [(rank, one) for one in named if (rank := _rank(one.truth, incident, mention))]
    if not ranked:
        return None

    def how_well(pair: tuple[int, Named]) -> tuple[int, bool, int, int, float]:
        rank, truth = pair[0], pair[1].truth
        wears = mention.foresees and truth.limit_at is not None
        shown = len((mention.metrics or set()) & set(truth.shows))
        return rank, wears, shown, -len(truth.targets), truth.onset

    return max(ranked, key=how_well)[1]


def _rank(truth: Truth, incident: Told, mention: Mention) -> int:
    """0: does not speak of it. 4: names its very cause."""
    if not truth.onset - EARLY_SECONDS <= mention.at <= truth.end + GRACE_SECONDS:
        return 0
    if mention.metrics is not None and not mention.metrics & set(truth.shows):
        return 0
    if incident.cause in truth.causes:
        return 4 if incident.cause == truth.cause else 3
    if mention.target in truth.targets or _id(incident.cause) in truth.targets:
        return 2
    takes_away = set(truth.shows) >= ANSWERS
    return 1 if takes_away and set(incident.affected) & set(truth.targets) else 0


def _event(named: list[Named], hit: Named, incident: Told) -> list[Named]:
    """The truth, and those of the same event that the incident covers as well."""
    if not hit.truth.group:
        return [hit]
    covered = {_id(incident.cause), *incident.affected}
    return [
        one
        for one in named
        if one is hit or (one.truth.group == hit.truth.group and covered & set(one.truth.targets))
    ]


def _name(one: Named, at: float, incident: Told) -> None:
    if one.at is None or at < one.at:
        one.at, one.by = at, incident


def _excuses(innocent: Innocent, incident: Told) -> bool:
    near = innocent.onset <= incident.opened_at <= innocent.end + GRACE_SECONDS
    about = {_id(incident.cause), *incident.affected, *(m.target for m in incident.mentions)}
    return near and bool(about & set(innocent.targets))


def _id(cause: str) -> str:
    return cause.partition(":")[2]
