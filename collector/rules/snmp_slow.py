"""A device takes long to tell about itself, a sign of age or overload."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.twin_rule import TwinRule
from collector.words import N_
from telemetry.catalogue import SNMP_RESPONSE

RULE = LimitRule(
    name="snmp_slow",
    metric=SNMP_RESPONSE.name,
    headline=N_("{name} takes long to report its health"),
    template=N_(
        "It takes {value} to answer a question about its health; at most {limit} is normal."
    ),
    advice=N_("Restart it outside office hours; if it comes back, plan to replace it."),
    figure=milliseconds,
    suffers=True,
)

PAST = PastRule(
    name="snmp_slow",
    metric=SNMP_RESPONSE.name,
    limit="snmp_response_change",
    headline=N_("{name} takes longer to report its health than it used to"),
    template=N_("It takes {value} to answer a question about its health; it used to take {usual}."),
    advice=N_("Restart it outside office hours; if it comes back, plan to replace it."),
    figure=milliseconds,
    suffers=True,
    share=2.0,
)

TWINS = TwinRule(
    name="snmp_slow",
    metric=SNMP_RESPONSE.name,
    limit="snmp_response_beside_twins",
    headline=N_("{name} takes longer to report its health than others"),
    template=N_(
        "It takes {value} to answer a question about its health; {count} others take {usual}."
    ),
    advice=N_("Restart it outside office hours; if it comes back, plan to replace it."),
    figure=milliseconds,
    suffers=True,
)
