"""A web service answers slowly."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import HTTP_RESPONSE

RULE = LimitRule(
    name="slow_page",
    metric=HTTP_RESPONSE.name,
    headline=N_("{name} answers slowly"),
    template=N_("The page takes {value} ({instance}); at most {limit} is normal."),
    advice=N_("Tell whoever runs the service; see whether other pages are slow too."),
    figure=milliseconds,
    path=True,
)
