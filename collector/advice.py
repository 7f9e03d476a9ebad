"""What an incident is called and what to try first, in words a part-time administrator can act on."""

from __future__ import annotations

from collector.incidents import Telling
from collector.rule import Finding
from collector.words import N_, Sentence
from inventory.inventory import Inventory

_HEADLINES = {
    "reachability": N_("{name} does not answer"),
    "loss": N_("{name} loses packets"),
    "latency": N_("{name} answers slowly"),
    "jitter": N_("{name} has an uneven connection"),
    "interface_errors": N_("{name} has a port with transmission errors"),
    "optical_power": N_("{name} receives too little light over the fibre"),
    "on_battery": N_("{site} has no mains power"),
    "battery_charge": N_("{name} is running out of battery"),
    "battery_replace": N_("{name} needs a new battery"),
    "fan": N_("{name} has a failed fan"),
    "power_supply": N_("{name} has a failed power supply"),
    "temperature": N_("{name} is too hot"),
    "cpu": N_("{name} is overloaded"),
    "memory": N_("{name} is running out of memory"),
    "storage": N_("{name} is running out of disk space"),
    "clock": N_("{name} has a wrong clock"),
    "snmp_silent": N_("{name} no longer reports its health"),
    "certificate": N_("{name}: the certificate is about to expire"),
    "slow_page": N_("{name} answers slowly"),
    "agent_silent": N_("No measurements arrive from {site}"),
}

_CAUSE_HEADLINES = {
    "link": N_("The line {link} to {site} is cut"),
    "site": N_("{site} has no power"),
}

_ADVICE = {
    "reachability": N_(
        "See whether its power light is on; switch it off for ten seconds and on again; then check the "
        "cable to the device before it."
    ),
    "loss": N_("Reseat the network cable at both ends; try another cable and another port."),
    "latency": N_("See who is downloading or copying a lot; restart the router if nobody is."),
    "jitter": N_("Use a cable instead of Wi-Fi; ask others to pause large downloads."),
    "interface_errors": N_("Replace the cable on that port, then try another port."),
    "optical_power": N_(
        "Look for a sharp bend in the fibre, clean the connector; if that does not help, call the carrier."
    ),
    "on_battery": N_(
        "Ask whether the whole area is without power; save work and switch off what is not needed."
    ),
    "battery_charge": N_("Switch off what is not needed; expect everything to go off soon."),
    "battery_replace": N_(
        "Order a battery of the same type and replace it before the next outage."
    ),
    "fan": N_("Clean out the dust and replace the fan."),
    "power_supply": N_("Check the power cord; replace the power supply."),
    "temperature": N_("Clear its vents of dust, open the cabinet, check fan and air conditioning."),
    "cpu": N_("Restart it outside office hours; if it comes back, it is too small for its work."),
    "memory": N_("Restart it outside office hours; write down when, to see whether it comes back."),
    "storage": N_("Delete old files and logs, or move them elsewhere."),
    "clock": N_("Switch on automatic time in its settings."),
    "snmp_silent": N_(
        "Restart its management or the device outside office hours; check the password."
    ),
    "certificate": N_("Ask whoever runs the service to renew the certificate."),
    "slow_page": N_("Tell whoever runs the service; see whether other pages are slow too."),
    "agent_silent": N_(
        "Call the office: is there power, does the internet work, is the measuring computer on?"
    ),
}

_CAUSE_ADVICE = {
    "link": N_("Call the carrier of the line; meanwhile use the mobile network."),
    "site": N_("Ask the office and the power company how long it will last."),
}


def telling(inventory: Inventory, finding: Finding, cause: str) -> Telling:
    """Headline and advice for a finding that has been laid to a cause."""
    kind, _, name = cause.partition(":")
    values = {
        "name": name_of(inventory, finding.target if kind != "device" else name),
        "site": site_name(inventory, name if kind == "site" else finding.site),
        "link": name,
    }
    headline = _CAUSE_HEADLINES.get(kind) if finding.rule == "reachability" else None
    advice = _CAUSE_ADVICE.get(kind) if finding.rule == "reachability" else None
    return Telling(
        Sentence(headline or _HEADLINES[finding.rule], values),
        Sentence(advice or _ADVICE[finding.rule], values),
    )


def name_of(inventory: Inventory, target: str) -> str:
    """What people call a device or service: its name, or its id."""
    found = inventory.device(target) or inventory.service(target)
    return (found.name or target) if found is not None else target


def site_name(inventory: Inventory, site: str) -> str:
    """What people call a site."""
    found = inventory.site(site)
    return found.name if found is not None else site
