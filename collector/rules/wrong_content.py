"""A page answers, but is not the one it should be."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.rule import Severity
from collector.words import N_
from telemetry.catalogue import HTTP_CONTENT_OK

RULE = LimitRule(
    name="wrong_content",
    metric=HTTP_CONTENT_OK.name,
    headline=N_("{name} shows the wrong page"),
    template=N_("The page lacks the text that it should show."),
    advice=N_("Open the page and look; tell whoever runs the service."),
    severity=Severity.CRITICAL,
)
