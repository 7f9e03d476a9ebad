"""Grafana's published dashboard schema, as the models of grafana-foundation-sdk carry it, enforced.

The SDK generates its models from Grafana's own schema (its CUE kinds, here of the line of 11.6). They read
leniently: an unknown key is dropped without a word. Here each key must be known to the model at that
place, each required one must be there, and each value must be of the declared type or in its list.
"""

from __future__ import annotations

import enum
import importlib
import types
import typing
from typing import Any

from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import dashboard, prometheus

_PLUGINS = {"state-timeline": "statetimeline"}


_SNAKES = ("auto_count", "auto_min")
"""Keys that Grafana itself writes with an underscore."""


class SchemaError(AssertionError):
    """The JSON is not what Grafana's schema allows; the text names the place."""


def validate(board: dict[str, Any]) -> None:
    """Raises SchemaError for the first thing in a board that the schema does not allow."""
    _model({k: v for k, v in board.items() if k != "panels"}, dashboard.Dashboard, "board")
    for panel in board["panels"]:
        place = f"panel {panel['title']!r}"
        if panel["type"] == "row":
            inside = panel["panels"]
            _model({**panel, "panels": []}, dashboard.RowPanel, place)
            for inner in inside:
                _panel(inner, f"{place} / {inner['title']!r}")
        else:
            _panel(panel, place)


def _panel(panel: dict[str, Any], place: str) -> None:
    kind = _PLUGINS.get(panel["type"], panel["type"])
    plugin = importlib.import_module(f"grafana_foundation_sdk.models.{kind}")
    _model(panel, dashboard.Panel, place)
    _model(panel["options"], plugin.Options, f"{place} options")
    config = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
    custom = getattr(plugin, "FieldConfig", None)
    if "custom" in config["defaults"]:
        _model(config["defaults"]["custom"], custom, f"{place} custom")
    for override in config["overrides"]:
        for item in override["properties"]:
            _property(item["id"], item["value"], custom, f"{place} override {item['id']}")


def _property(name: str, value: Any, custom: Any, place: str) -> None:
    """One property of an override: of the panel's own part, or of every field."""
    model, key = (
        (custom, name.removeprefix("custom.")) if "." in name else (dashboard.FieldConfig, name)
    )
    hints = _hints(model)
    if key not in hints:
        raise SchemaError(f"{place}: {model.__module__} has no {key}")
    _check(value, hints[key], place)


def _hints(model: Any) -> dict[str, Any]:
    """The model's types by the key in the JSON."""
    return {_key(name): hint for name, hint in typing.get_type_hints(model).items()}


def _key(attribute: str) -> str:
    if attribute in _SNAKES:
        return attribute
    first, *rest = attribute.removesuffix("_val").split("_")
    return first + "".join(word.capitalize() for word in rest)


def _model(value: Any, model: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise SchemaError(f"{place}: expected an object, got {value!r}")
    hints = _hints(model)
    unknown = set(value) - set(hints)
    if unknown:
        raise SchemaError(f"{place}: {model.__name__} has no {sorted(unknown)}")
    for key, hint in hints.items():
        if key in value:
            _check(value[key], hint, f"{place}.{key}")
        elif type(None) not in typing.get_args(hint):
            raise SchemaError(f"{place}: {model.__name__} needs {key}")


def _check(value: Any, hint: Any, place: str) -> None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (object, Any):
        return
    if origin in (typing.Union, types.UnionType):
        _any_of(value, arguments, place)
    elif origin is list:
        _is(isinstance(value, list), value, hint, place)
        for number, item in enumerate(value):
            _check(item, arguments[0], f"{place}[{number}]")
    elif origin is dict:
        _is(isinstance(value, dict), value, hint, place)
        for key, item in value.items():
            _check(item, arguments[1], f"{place}.{key}")
    elif origin is typing.Literal:
        _is(value in arguments, value, hint, place)
    else:
        _plain(value, hint, place)


def _plain(value: Any, hint: Any, place: str) -> None:
    if hint is variants.Dataquery:
        _model(value, prometheus.Dataquery, place)
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        _is(value in [member.value for member in hint], value, hint, place)
    elif hint is float:
        _is(isinstance(value, int | float) and not isinstance(value, bool), value, hint, place)
    elif hint is int:
        _is(isinstance(value, int) and not isinstance(value, bool), value, hint, place)
    elif hint in (str, bool, type(None)):
        _is(isinstance(value, hint), value, hint, place)
    else:
        _model(value, hint, place)


def _any_of(value: Any, hints: tuple[Any, ...], place: str) -> None:
    refusals = []
    for hint in hints:
        try:
            _check(value, hint, place)
        except SchemaError as refusal:
            refusals.append(refusal)
        else:
            return
    raise (
        refusals[0] if len(hints) == 2 else SchemaError(f"{place}: {value!r} fits none: {refusals}")
    )


def _is(right: bool, value: Any, hint: Any, place: str) -> None:
    if not right:
        raise SchemaError(f"{place}: expected {hint}, got {value!r}")
