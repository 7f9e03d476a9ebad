"""On what a finding of a rule is laid: the device, the line that it hangs on, or its site's power."""

from __future__ import annotations

from collections.abc import Callable

from collector import reachability
from collector.fact import Fact
from collector.light import is_dark
from collector.restless import restarts_often
from collector.rule import Blame, Finding, Rule
from collector.state import HealthState, TargetState
from collector.surroundings import Surroundings
from collector.vantage import Reach
from collector.way import Way
from inventory.inventory import Inventory
from inventory.link import Link, LinkKind
from telemetry.catalogue import CATALOGUE, OPTICAL_RECEIVE_POWER, OPTICAL_TRANSMIT_POWER

TOGETHER_SECONDS = 330.0
"""What happens to several within one round of polls happens to them together."""

DARK_SECONDS = 900.0
"""How long a port may be dark although the far end answers, before that is more than a late poll."""

_PRESENT = frozenset({HealthState.UP, HealthState.DEGRADED})

NEIGHBOURS_WANTED = 2

LASER_FALL_DB = 0.2
"""A healthy laser sends the same within a tenth of a decibel."""


class Blamer:
    """Names the cause of what the rules find. Reads the state, changes nothing."""

    def __init__(
        self, inventory: Inventory, surroundings: Surroundings, is_open: Callable[[str], bool]
    ) -> None:
        self._inventory = inventory
        self._surroundings = surroundings
        self._is_open = is_open

    def cause(
        self, rule: Rule, target: TargetState, finding: Finding, way: Way | None, at: float
    ) -> str:
        """`device:`, `link:`, `site:` or `agent:` and the id; empty while it cannot be told yet. way:
        from who sees a bad way to its end.
        """
        if way is not None:
            return self._of_the_way(target, finding, way, at)
        match rule.blames:
            case Blame.POWER:
                return f"site:{target.site}"
            case Blame.BATTERY if self._surroundings.on_battery(target.site, at):
                return f"site:{target.site}"
            case Blame.RESTARTS if self._restarted_together(target):
                return f"site:{target.site}"
            case Blame.SERVER if self._most_show_it(rule, finding):
                return f"site:{self._surroundings.centre()}"
            case Blame.LINE:
                return self._of_the_line(rule, target, finding, at)
        return finding.subject

    def _of_the_line(self, rule: Rule, target: TargetState, finding: Finding, at: float) -> str:
        """The line at a port, or what at its far end explains it; empty while that is not known."""
        link = self._link_at(target.id, finding.instance) or self._mobile_line(rule, target.id)
        if link is None:
            return finding.subject
        line = f"link:{link.id}"
        near = link.end_devices.index(target.id)
        far = self._surroundings.state_of(link.end_devices[1 - near])
        if far is None:
            return line
        if rule.metric == OPTICAL_RECEIVE_POWER.name:
            heard = target.newest(rule.metric, finding.instance)
            sent = far.newest(OPTICAL_TRANSMIT_POWER.name, link.end_ports[1 - near])
            return self._of_the_light(line, far, heard, sent, finding, at)
        if far.cause.startswith("site:"):
            return far.cause  # where a whole site is dark the ports towards it are dark as well
        if rule.name == "flapping":
            often = (one.id for one in (target, far) if restarts_often(one, at))
            return next((f"device:{one}" for one in often), line)
        return line

    def _of_the_light(
        self,
        line: str,
        far: TargetState,
        heard: Fact | None,
        sent: Fact | None,
        finding: Finding,
        at: float,
    ) -> str:
        """Less light is heard because the far laser sends less, or else because of the fibre; while
        there is light at all, no outage of the far end has to do with it.
        """
        if heard is not None and is_dark(heard):
            return self._of_the_dark(line, far, finding, at)
        worn = _fall(sent) >= max(LASER_FALL_DB, 0.5 * _fall(heard))
        return f"device:{far.id}" if worn else line

    def _of_the_dark(self, line: str, far: TargetState, finding: Finding, at: float) -> str:
        """No light comes from a far end that is off, or over a line that is cut. It has nothing to say
        of its own until the far end is known to be there, and is part of its outage when it is not.
        """
        if far.cause.startswith("site:"):
            return far.cause
        if far.state in _PRESENT:
            return line if at - finding.since >= DARK_SECONDS else ""
        own = f"device:{far.id}"
        outage = far.cause or own
        if not self._is_open(outage):
            return ""
        return line if outage == own else outage

    def _link_at(self, device: str, instance: str) -> Link | None:
        """The line that ends at the port."""
        for link in self._inventory.links:
            if (device, instance) in zip(link.end_devices, link.end_ports, strict=True):
                return link
        return None

    def _mobile_line(self, rule: Rule, device: str) -> Link | None:
        """The device's only mobile line, for what a modem tells, whatever the modem is called."""
        if not any("modem" in CATALOGUE[metric].labels for metric in rule.metrics):
            return None
        own = [link for link in self._inventory.links if device in link.end_devices]
        mobile = [link for link in own if link.kind is LinkKind.CELLULAR]
        return mobile[0] if len(mobile) == 1 else None

    def _of_the_way(self, target: TargetState, finding: Finding, way: Way, at: float) -> str:
        """A bad way to a device is its own fault when it is ill otherwise, or when its own office
        sees the same; else it is that of the line that leads to it from elsewhere, or of the line by
        which those who see it reach the rest of the district.
        """
        if self._ill_itself(target) or self._seen_inside(target, finding, at):
            return f"device:{target.id}"
        link = self._line_above(target.id)
        if link is None and way.own_lines and self._good_from_elsewhere(target, finding, at):
            link = way.own_lines[0]
        return f"link:{link.id}" if link is not None else f"device:{target.id}"

    def _good_from_elsewhere(self, target: TargetState, finding: Finding, at: float) -> bool:
        """Whether another agent reaches the target just now and sees nothing of it."""
        ill = {s.agent for s in target.standings.values() if s.rule == finding.rule and s.bad_since}
        return any(
            vantage.agent not in ill
            and not (self._surroundings.is_at(vantage.agent, target.site) and "" in ill)
            and reachability.reach_from(target, vantage.agent, at) is Reach.OK
            for vantage in target.vantages.values()
        )

    def _line_above(self, device: str) -> Link | None:
        """The line that leads to the device from outside its site, when there is just one way."""
        parents = self._inventory.topology.parents(device)
        if len(parents) != 1:
            return None
        link = self._inventory.topology.link_between(parents[0], device)
        return None if link is None or link.kind is LinkKind.LAN else link

    def _ill_itself(self, target: TargetState) -> bool:
        return any(s.level and s.rule in _OVERLOADS for s in target.standings.values())

    def _seen_inside(self, target: TargetState, finding: Finding, at: float) -> bool:
        """Whether an agent of the same site sees the same fault: then it is inside."""
        return any(
            standing.rule == finding.rule and standing.bad_since and not standing.agent
            for standing in target.standings.values()
        ) and any(
            self._surroundings.is_at(vantage.agent, target.site)
            and reachability.reach_from(target, vantage.agent, at) is Reach.OK
            for vantage in target.vantages.values()
        )

    def _most_show_it(self, rule: Rule, finding: Finding) -> bool:
        """Whether more than half of all that have such a thing have lost it at about the same time."""
        states = self._surroundings.all_with(rule.metrics[0])
        since = (
            standing.bad_since or standing.since
            for state in states
            for standing in state.standings.values()
            if standing.rule == rule.name
        )
        together = [one for one in since if one and abs(one - finding.since) <= TOGETHER_SECONDS]
        return len(together) > max(NEIGHBOURS_WANTED, len(states) / 2)

    def _restarted_together(self, target: TargetState) -> bool:
        """Whether the site's other devices restarted when this one did last."""
        last = max((r.times[-1] for r in target.restarts() if r.times), default=0.0)
        neighbours = [t for t in self._surroundings.at_site(target.site) if t.id != target.id]
        together = [
            neighbour
            for neighbour in neighbours
            if any(
                abs(time - last) <= TOGETHER_SECONDS
                for restarts in neighbour.restarts()
                for time in restarts.times
            )
        ]
        return len(together) >= NEIGHBOURS_WANTED


_OVERLOADS = frozenset({"cpu", "memory", "temperature", "fan", "snmp_slow"})


def _fall(light: Fact | None) -> float:
    """By how much the light of the newest hour is below that of the best day."""
    history = light.history if light is not None else None
    if history is None or not history.days or not history.hours:
        return 0.0
    return max(middle for _, middle, _ in history.days) - history.hours[-1][1]
