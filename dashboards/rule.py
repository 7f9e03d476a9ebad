"""Recording and alerting rules as values, and as Prometheus writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that Prometheus works out and keeps. name: `level:metric:operations`."""

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As in a rule file."""
        labels = {"labels": dict(self.labels)} if self.labels else {}
        return {"record": self.name, "expr": self.expression, **labels}


@dataclass(frozen=True, slots=True)
class Alerting:
    """An alert. for_seconds: how long the expression must give something before it fires."""

    name: str
    expression: str
    for_seconds: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As in a rule file."""
        lasting = {"for": f"{self.for_seconds:g}s"} if self.for_seconds else {}
        return {
            "alert": self.name,
            "expr": self.expression,
            **lasting,
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are worked out together, one after the other."""

    name: str
    rules: Sequence[Recording | Alerting]
    interval_seconds: int = 30

    def document(self) -> dict[str, Any]:
        """As in a rule file."""
        return {
            "name": self.name,
            "interval": f"{self.interval_seconds}s",
            "rules": [rule.document() for rule in self.rules],
        }


def alert_name(rule: str) -> str:
    """The alert of one of the collector's rules; its channel `alertmanager` names them alike."""
    return "Ltmon" + rule.title().replace("_", "")


def write_yaml(document: Mapping[str, Any], comment: str) -> str:
    """A YAML file in the order of the code, with a comment at its head."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1_000_000)


def rule_file(groups: Sequence[Group], comment: str) -> str:
    """A rule file of Prometheus."""
    return write_yaml({"groups": [group.document() for group in groups]}, comment)
