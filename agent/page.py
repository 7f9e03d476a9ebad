"""What the agent's page shows, as plain values: the template only writes them down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.latest import Found, Latest
from agent.push import PushState
from agent.resolve import Assignment
from agent.self_metrics import SelfView
from agent.words import Words
from inventory.inventory import Inventory
from inventory.profile import doubted
from telemetry.catalogue import (
    DNS_RESPONSE,
    HTTP_STATUS_CODE,
    ICMP_LOSS_RATIO,
    ICMP_RTT_MEDIAN,
    SNMP_RESPONSE,
    TCP_CONNECT,
    TLS_NOT_AFTER,
)


def _milliseconds(value: float, now: float) -> str:
    return f"{value * 1000:.3g}"


# What a person wants to read of a check's many figures, and how it is written.
_SHOWN: dict[str, tuple[str, Callable[[float, float], str]]] = {
    ICMP_LOSS_RATIO.name: ("loss", lambda value, now: f"{value * 100:.0f}"),
    ICMP_RTT_MEDIAN.name: ("rtt", _milliseconds),
    HTTP_STATUS_CODE.name: ("http_status", lambda value, now: f"{value:.0f}"),
    SNMP_RESPONSE.name: ("snmp_response", _milliseconds),
    TLS_NOT_AFTER.name: ("certificate_days", lambda value, now: f"{(value - now) / 86400:.0f}"),
    DNS_RESPONSE.name: ("dns_response", _milliseconds),
    TCP_CONNECT.name: ("tcp_connect", _milliseconds),
}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: its name, `mood` (good, bad, stale, waiting), state, age and values in words."""

    name: str
    mood: str
    state: str
    age: str
    values: str


@dataclass(frozen=True, slots=True)
class TargetBlock:
    """One device or service with its checks; `mood` is the worst of theirs."""

    name: str
    id: str
    address: str
    mood: str
    checks: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page."""

    title: str
    summary: str
    mood: str
    warnings: tuple[str, ...]
    targets: tuple[TargetBlock, ...]
    sending: tuple[str, ...]
    running: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the page is made of. push: None where nothing is sent."""

    site: str
    inventory: Inventory | None
    inventory_problem: str
    assignments: Sequence[Assignment]
    latest: Latest
    self_view: SelfView
    push: PushState | None


def page_of(facts: PageFacts, say: Words, now: float) -> Page:
    """The page in the language of `say`, as of `now` (seconds since 1970)."""
    targets = tuple(_targets(facts, say, now))
    summary, mood = _summary(targets, say)
    site = facts.inventory.site(facts.site) if facts.inventory else None
    return Page(
        title=say("title", site=site.name if site else facts.site),
        summary=summary,
        mood=mood,
        warnings=tuple(_warnings(facts, say)),
        targets=targets,
        sending=tuple(_sending(facts, say, now)),
        running=say(
            "running",
            version=facts.self_view.version,
            ago=say.ago(now - facts.self_view.started),
        ),
    )


def _warnings(facts: PageFacts, say: Words) -> Iterator[str]:
    if facts.inventory is None:
        yield say("no_inventory")
    if facts.inventory_problem:
        yield say("inventory_problem", problem=facts.inventory_problem)


def _targets(facts: PageFacts, say: Words, now: float) -> Iterator[TargetBlock]:
    grouped: dict[str, list[Assignment]] = {}
    for assignment in facts.assignments:
        grouped.setdefault(assignment.target.id, []).append(assignment)
    for target_id, assignments in grouped.items():
        lines = tuple(
            _line(a, facts.latest.result_of(target_id, a.kind), say, now) for a in assignments
        )
        yield TargetBlock(
            name=_name_of(facts.inventory, target_id),
            id=target_id,
            address=assignments[0].target.address,
            mood=_worst([line.mood for line in lines]),
            checks=lines,
        )


def _name_of(inventory: Inventory | None, target_id: str) -> str:
    thing = inventory and (inventory.device(target_id) or inventory.service(target_id))
    return (thing.name if thing else None) or target_id


def _line(assignment: Assignment, found: Found | None, say: Words, now: float) -> CheckLine:
    name = say(f"check_{assignment.kind}")
    if found is None:
        return CheckLine(name, "waiting", say("state_waiting"), "", "")
    age = say.ago(now - found.result.started_at)
    if not found.fresh(now):
        return CheckLine(name, "stale", say("state_stale"), age, "")
    values = ", ".join(_values(found, say, now))
    if found.result.ok:
        return CheckLine(name, "good", say("state_good"), age, values)
    state = f"{say('state_bad')}: {say(f'reason_{found.result.reason}')}"
    return CheckLine(name, "bad", state, age, values)


def _values(found: Found, say: Words, now: float) -> Iterator[str]:
    for reading in found.result.readings:
        if reading.metric in _SHOWN and not reading.labels:
            key, written = _SHOWN[reading.metric]
            yield say(key, value=say.number(written(reading.value, now)))
    result = found.result
    count = sum(doubted(result.profile, r.metric, r.labels) for r in result.readings)
    if count:
        yield say("unproven", count=count)


def _worst(moods: Sequence[str]) -> str:
    return next((mood for mood in ("bad", "stale", "waiting") if mood in moods), "good")


def _summary(targets: Sequence[TargetBlock], say: Words) -> tuple[str, str]:
    if not targets:
        return say("summary_nothing"), "waiting"
    bad = sum(target.mood == "bad" for target in targets)
    if bad:
        return say("summary_bad", count=bad), "bad"
    mood = _worst([target.mood for target in targets])
    return (say("summary_good"), mood) if mood == "good" else (say("summary_waiting"), mood)


def _sending(facts: PageFacts, say: Words, now: float) -> Iterator[str]:
    push, buffer = facts.push, facts.self_view.buffer
    if push is None:
        yield say("push_none")
        return
    if push.failing_since is not None:
        ago = say.ago(now - push.failing_since)
        yield say("push_bad", ago=ago, why=say(f"push_{push.last_reason}"))
    elif push.last_success is not None:
        yield say("push_good", ago=say.ago(now - push.last_success))
    else:
        yield say("push_waiting")
    if buffer is None:
        return
    if buffer.oldest_ms is None:
        yield say("buffer_empty")
    else:
        ago = say.ago(now - buffer.oldest_ms / 1000)
        size = say.number(f"{buffer.bytes / 1e6:.1f}")
        yield say("buffer_waiting", samples=buffer.samples, megabytes=size, ago=ago)
    if buffer.dropped:
        yield say("buffer_dropped", samples=buffer.dropped)
    if buffer.buried:
        yield say("buffer_buried", samples=buffer.buried)
