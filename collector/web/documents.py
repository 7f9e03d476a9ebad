"""What the API says of sites, devices, findings, incidents …, as plain JSON values.

Times are seconds since 1970; texts are in the language asked for.
"""

from __future__ import annotations

from typing import Any

from collector.events import Event
from collector.incident import Incident
from collector.phrases import Phrases
from collector.rule import Finding
from collector.silences import Silence
from collector.view import AgentView
from collector.web.overview import SiteStanding, Target
from inventory.device import Device
from inventory.maintenance import Maintenance

Document = dict[str, Any]


def site_document(standing: SiteStanding) -> Document:
    """A site, its state and how many devices are in which state."""
    site = standing.site
    return {
        "id": site.id,
        "name": site.name,
        "kind": site.kind.value,
        "parent": site.parent,
        "people": site.people,
        "state": standing.state.value,
        "devices": {state.value: count for state, count in standing.counts},
    }


def target_document(phrases: Phrases, target: Target) -> Document:
    """A device or service as it is."""
    health, thing = target.health, target.thing
    return {
        "id": target.id,
        "name": thing.title,
        "class": str(thing.class_),
        "site": thing.site if isinstance(thing, Device) else None,
        "address": thing.address if isinstance(thing, Device) else None,
        "parents": list(thing.parents) if isinstance(thing, Device) else [],
        "state": health.state.value,
        "since": health.since or None,
        "measured_at": health.measured_at,
        "cause": health.cause or None,
        "reason": phrases.say(target.reason) or None,
    }


def finding_document(phrases: Phrases, finding: Finding) -> Document:
    """A finding that stands."""
    return {
        "rule": finding.rule,
        "subject": finding.subject,
        "device": finding.target if finding.subject.startswith("device:") else None,
        "site": finding.site,
        "instance": finding.instance,
        "severity": finding.severity.value,
        "since": finding.since,
        "question": finding.question.value,
        "reason": phrases.say(finding.reason),
        "sentence": phrases.finding(finding),
    }


def incident_document(phrases: Phrases, incident: Incident) -> Document:
    """An incident without its history."""
    return {
        "id": incident.id,
        "cause": incident.cause,
        "site": incident.site,
        "state": incident.state.value,
        "severity": incident.severity.value,
        "rule": incident.rule,
        "since": incident.since,
        "opened_at": incident.opened_at,
        "updated_at": incident.updated_at,
        "resolved_at": incident.resolved_at,
        "returns": incident.returns,
        "calm_since": incident.calm_since,
        "headline": phrases.say(incident.headline),
        "reason": phrases.say(incident.reason),
        "advice": phrases.say(incident.advice),
        "affected": list(incident.affected),
        "late": incident.late,
        "acknowledged_by": incident.acknowledged_by or None,
        "note": incident.note or None,
        "revision": incident.revision,
    }


def event_document(phrases: Phrases, event: Event) -> Document:
    """One step of an incident's history."""
    incident = event.incident
    return {
        "at": event.at,
        "event": event.kind.value,
        "state": incident.state.value if incident else None,
        "severity": incident.severity.value if incident else None,
        "headline": phrases.say(incident.headline) if incident else None,
        "affected": list(incident.affected) if incident else [],
        "revision": incident.revision if incident else None,
    }


def agent_document(view: AgentView) -> Document:
    """An agent that was heard of."""
    return {
        "agent": view.agent,
        "site": view.site,
        "silent": view.silent,
        "heard_at": view.heard_at,
        "watermark": view.watermark,
        "version": view.version,
    }


def maintenance_document(window: Maintenance, now: float) -> Document:
    """A maintenance window of the inventory."""
    return {
        "id": window.id,
        "what": list(window.what),
        "from": window.from_.timestamp(),
        "until": window.until.timestamp(),
        "why": window.why,
        "active": window.covers(now),
    }


def silence_document(silence: Silence, now: float) -> Document:
    """A silence that was asked for."""
    return {
        "id": silence.id,
        "what": silence.what,
        "from": silence.start,
        "until": silence.until,
        "why": silence.why,
        "who": silence.who,
        "active": silence.start <= now < silence.until,
    }
