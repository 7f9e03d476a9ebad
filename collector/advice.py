"""What an incident is called and what to try first, in words a part-time administrator can act on."""

from __future__ import annotations

from collector.foresight import FORESEEING_RULES
from collector.incident import Telling
from collector.rule import Blame, Finding, Severity
from collector.rules import RULES
from collector.words import N_, Sentence
from inventory.inventory import Inventory

_HEADLINES = {
    "reachability": N_("{name} does not answer"),
    "agent_silent": N_("No measurements arrive from {site}"),
    "agent_clock": N_("The measuring computer at {site} has a wrong clock"),
    "agent_blind": N_("The measuring computer at {site} cannot measure"),
}

_CAUSE_HEADLINES = {
    "link": N_("The line {link} to {site} is cut"),
    "carrier": N_("The lines of {carrier} are down"),
    "trunk": N_("Several lines behind {name} are dead"),
    "site": N_("{site} has no power"),
}

_SERVER_WORDS = {
    "registration": (
        N_("Most rooms cannot be called"),
        N_("See whether the conference server at {site} runs and can be reached; restart it."),
    ),
}
"""What is said when a finding is laid to what all depend on."""

_ADVICE = {
    "reachability": N_(
        "See whether its power light is on; switch it off for ten seconds and on again; then check the "
        "cable to the device before it."
    ),
    "agent_silent": N_(
        "Call the office: is there power, does the internet work, is the measuring computer on?"
    ),
    "agent_blind": N_(
        "Start the measuring program anew, then the computer; check its network cable and its firewall. "
        "What it may not do is in its log."
    ),
    "agent_clock": N_(
        "Switch on automatic time in its settings. If the clock is wrong after each power cut, the small "
        "battery on its mainboard is empty."
    ),
}
"""What is judged by other than the rules; the rules bring their own words."""

_CAUSE_ADVICE = {
    "link": N_("Call the carrier of the line; meanwhile use the mobile network."),
    "carrier": N_("Call {carrier}; meanwhile use the mobile network of another carrier."),
    "trunk": N_(
        "See whether its cards and ports are lit; restart the card, then call the carrier."
    ),
    "site": N_("Ask the office and the power company how long it will last."),
}


_OF_RULES = {(rule.name, rule.question): (rule.headline, rule.advice) for rule in RULES}

PATH_RULES = frozenset(rule.name for rule in RULES if rule.path)
"""The rules that tell of the way to a device."""


HARMING_RULES = (
    PATH_RULES
    | frozenset(rule.name for rule in RULES if rule.blames is Blame.LINE) - FORESEEING_RULES
)
"""The rules by whose findings about a line all suffer that goes over it."""


def harms_the_way(finding: Finding) -> bool:
    """Whether all suffer from what was found that goes over the line: it is more than foreseen, and
    more than merely worth knowing.
    """
    return finding.rule in HARMING_RULES and finding.severity is not Severity.INFO


def telling(inventory: Inventory, finding: Finding, cause: str, carrier: str = "") -> Telling:
    """Headline and advice for a finding that has been laid to a cause; `carrier` when it is the whole
    network of whoever runs the line.
    """
    kind, _, name = cause.partition(":")
    values = {
        "name": inventory.name_of(finding.target if kind != "device" else name),
        "site": site_name(inventory, name if kind == "site" else finding.site),
        "link": name,
        "carrier": carrier,
    }
    headline, advice = _words_of(finding)
    if finding.rule == "reachability":
        kind = _special(finding, cause, carrier) or kind
    if finding.rule in _HEADLINES:
        headline = _CAUSE_HEADLINES.get(kind, headline)
        advice = _CAUSE_ADVICE.get(kind, advice)
    if kind == "site" and finding.rule in _SERVER_WORDS:
        headline, advice = _SERVER_WORDS[finding.rule]
    return Telling(Sentence(headline, values), Sentence(advice, values))


def _words_of(finding: Finding) -> tuple[str, str]:
    """Headline and advice of a finding, whatever it is laid to."""
    if finding.rule in _HEADLINES:
        return _HEADLINES[finding.rule], _ADVICE[finding.rule]
    return _OF_RULES[(finding.rule, finding.question)]


def _special(finding: Finding, cause: str, carrier: str) -> str:
    """Whether more is to blame than the one thing that the cause names."""
    kind, _, name = cause.partition(":")
    if carrier:
        return "carrier"
    return "trunk" if kind == "device" and name != finding.target else ""


def site_name(inventory: Inventory, site: str) -> str:
    """What people call a site."""
    found = inventory.site(site)
    return found.name if found is not None else site
