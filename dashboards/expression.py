"""What a panel asks, built from objects of the catalogue: no metric's name is ever typed.

An `Expression` knows which labels its series carry and in which unit they are, so that legends, links
and axes can be derived, and a legend that names an absent label is refused while the board is made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from telemetry.catalogue import AGENT_LABELS, DEVICE_LABELS, Kind, Metric, Scope

RATE_WINDOW = "$__rate_interval"
SLOW_WINDOW = "15m"
"""How far a value reaches that is measured every five minutes; Prometheus alone looks back five."""

_WHOLE = "$__range:$__interval"
"""The time shown, at the step of the drawing."""

_SLOW = ("http_", "tls_", "dns_", "tcp_", "path_")


def labels_of(metric: Metric) -> tuple[str, ...]:
    """The labels that the samples of a metric carry in a store, by section 3 of the contract."""
    match metric.scope:
        case Scope.DEVICE:
            return (*DEVICE_LABELS, *metric.labels)
        case Scope.AGENT:
            return (*AGENT_LABELS, *metric.labels)
        case Scope.COLLECTOR:
            return metric.labels


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a label."""

    label: str
    operator: str
    value: str

    def __str__(self) -> str:
        return f'{self.label}{self.operator}"{self.value}"'


def equal(label: str, value: str) -> Filter:
    """The label is this value."""
    return Filter(label, "=", value)


def like(label: str, pattern: str) -> Filter:
    """The label fits the regular expression; a board's variable is one."""
    return Filter(label, "=~", pattern)


IN_SITES = like("site", "$site")
OF_CLASSES = like("class", "$class")
OF_DEVICES = like("device", "$device")


@dataclass(frozen=True, slots=True)
class Expression:
    """PromQL with the labels of its series and the unit of its values."""

    promql: str
    labels: tuple[str, ...]
    unit: str = ""

    def __str__(self) -> str:
        return self.promql

    def sum(self, *by: str) -> Expression:
        """The sum per `by`."""
        return self._aggregate("sum", by)

    def max(self, *by: str) -> Expression:
        """The largest per `by`."""
        return self._aggregate("max", by)

    def min(self, *by: str) -> Expression:
        """The smallest per `by`."""
        return self._aggregate("min", by)

    def count(self, *by: str) -> Expression:
        """How many series there are per `by`."""
        return replace(self._aggregate("count", by), unit="")

    def top(self, number: int) -> Expression:
        """The largest ones, largest first."""
        return replace(self, promql=f"topk({number}, {self.promql})")

    def bottom(self, number: int) -> Expression:
        """The smallest ones, smallest first."""
        return replace(self, promql=f"bottomk({number}, {self.promql})")

    def leaders(self, number: int, *on: str) -> Expression:
        """The courses of those that had the largest values in the time shown; `topk` alone would choose
        anew at each moment, and draw shreds of many.
        """
        return self._chosen("topk", "max_over_time", number, on)

    def trailers(self, number: int, *on: str) -> Expression:
        """The courses of those that had the smallest values in the time shown."""
        return self._chosen("bottomk", "min_over_time", number, on)

    def _chosen(self, choose: str, extreme: str, number: int, on: tuple[str, ...]) -> Expression:
        over_all = f"{extreme}({_closed(self.promql)}[{_WHOLE}] @ end())"
        chosen = f"{choose}({number}, {over_all})"
        return replace(self, promql=f"{_closed(self.promql)} and on ({', '.join(on)}) {chosen}")

    def falling(self) -> Expression:
        """Largest first, where the panel shows one value each."""
        return replace(self, promql=f"sort_desc({self.promql})")

    def rising(self) -> Expression:
        """Smallest first, where the panel shows one value each."""
        return replace(self, promql=f"sort({self.promql})")

    def when(self, condition: str) -> Expression:
        """Only where the value fulfils the condition, such as `> 0`."""
        return replace(self, promql=f"{_closed(self.promql)} {condition}")

    def ever(self, condition: str) -> Expression:
        """Where the value fulfilled the condition at some moment of the time shown."""
        held = f"max_over_time(({_closed(self.promql)} {condition})[{_WHOLE}] @ end())"
        return replace(self, promql=held)

    def where(self, other: Expression, *on: str) -> Expression:
        """Only where `other` has a series with the same labels `on`."""
        return replace(
            self,
            promql=f"{_closed(self.promql)} and on ({', '.join(on)}) {_closed(other.promql)}",
        )

    def named_by(self, info: Expression, label: str, *on: str) -> Expression:
        """With a label of `info`, whose series are 1 and are found by `on`."""
        told = info.max(*on, label)
        single = f"topk by ({', '.join(on)}) (1, {told.promql})"
        promql = f"{_closed(self.promql)} * on ({', '.join(on)}) group_left ({label}) {single}"
        return replace(self, promql=promql, labels=(*self.labels, label))

    def otherwise(self, value: float) -> Expression:
        """`value` where nothing is found at all; only for what carries no labels."""
        if self.labels:
            raise ValueError("a value for nothing fits only an expression without labels")
        return replace(self, promql=f"{_closed(self.promql)} or vector({value:g})")

    def also(self, other: Expression) -> Expression:
        """Both, where the labels of a series are not in the first already."""
        return replace(self, promql=f"{self.promql} or {other.promql}")

    def times(self, factor: float, unit: str) -> Expression:
        """Multiplied, and in another unit."""
        return replace(self, promql=f"{_closed(self.promql)} * {factor:g}", unit=unit)

    def plus(self, other: Expression) -> Expression:
        """The sum of the series with the same labels."""
        return replace(self, promql=f"{_closed(self.promql)} + {_closed(other.promql)}")

    def minus(self, other: Expression) -> Expression:
        """The difference of the series with the same labels."""
        return replace(self, promql=f"{_closed(self.promql)} - {_closed(other.promql)}")

    def over(self, other: Expression) -> Expression:
        """The share of `other` with the same labels."""
        return replace(
            self, promql=f"{_closed(self.promql)} / {_closed(other.promql)}", unit="ratio"
        )

    def below_now(self) -> Expression:
        """How far a moment in seconds since 1970 lies back."""
        return replace(self, promql=f"time() - {_closed(self.promql)}", unit="seconds")

    def beyond_now(self) -> Expression:
        """How far a moment in seconds since 1970 lies ahead."""
        return replace(self, promql=f"{_closed(self.promql)} - time()", unit="seconds")

    def _aggregate(self, function: str, by: tuple[str, ...]) -> Expression:
        missing = set(by) - set(self.labels)
        if missing:
            raise ValueError(f"{self.promql} has no label {', '.join(sorted(missing))}")
        grouping = f" by ({', '.join(by)}) " if by else ""
        return replace(self, promql=f"{function}{grouping}({self.promql})", labels=by)


def now(metric: Metric, *filters: Filter, ago: str = "") -> Expression:
    """The values of a gauge as they are, or as they were some time ago. What the collector or an agent
    says of itself may have come on two ways, scraped and forwarded: then the copies are one.
    """
    selector = _selector(metric, filters) + (f" offset {ago}" if ago else "")
    if metric.name.startswith(_SLOW):
        selector = f"last_over_time({selector}[{SLOW_WINDOW}])"
    return _once(metric, selector)


def rate(metric: Metric, *filters: Filter) -> Expression:
    """How fast a counter grows, per second."""
    return _once(metric, f"rate({_counter(metric, filters)}[{RATE_WINDOW}])")


def increase(metric: Metric, *filters: Filter, window: str = "$__range") -> Expression:
    """By how much a counter grew in the time shown."""
    return _once(metric, f"increase({_counter(metric, filters)}[{window}])")


def over_time(
    function: str, metric: Metric, *filters: Filter, window: str = "$__range", offset: str = ""
) -> Expression:
    """`max`, `min`, `avg` … of a gauge over the window, per series."""
    back = f" offset {offset}" if offset else ""
    return _once(metric, f"{function}_over_time({_selector(metric, filters)}[{window}]{back})")


def changes(
    function: str, metric: Metric, *filters: Filter, window: str = "$__range"
) -> Expression:
    """`changes` or `resets` of a gauge within the window, per series."""
    found = _once(metric, f"{function}({_selector(metric, filters)}[{window}])")
    return replace(found, unit="")


def _once(metric: Metric, promql: str) -> Expression:
    labels = labels_of(metric)
    if metric.scope is not Scope.DEVICE:
        by = f" by ({', '.join(labels)}) " if labels else ""
        promql = f"max{by}({promql})"
    return Expression(promql, labels, metric.unit)


def _selector(metric: Metric, filters: tuple[Filter, ...]) -> str:
    known = labels_of(metric)
    for filter_ in filters:
        if filter_.label not in known:
            raise ValueError(f"{metric.name} has no label {filter_.label}")
    return f"{metric.name}{{{', '.join(map(str, filters))}}}" if filters else metric.name


def _counter(metric: Metric, filters: tuple[Filter, ...]) -> str:
    if metric.kind is not Kind.COUNTER:
        raise ValueError(f"{metric.name} is no counter")
    return _selector(metric, filters)


def _closed(promql: str) -> str:
    """In brackets, unless it is one call or one selector."""
    depth = 0
    for place, char in enumerate(promql):
        depth += (char in "({[") - (char in ")}]")
        if char == " " and depth == 0 and not promql[place + 1 :].startswith(("by ", "(")):
            return f"({promql})"
    return promql
