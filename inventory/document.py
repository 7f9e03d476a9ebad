"""Configuration files: YAML to a pydantic model, or one sentence that says what to mend."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from inventory.fields import Duration as Duration
from inventory.marked import Document, Loc, parse
from inventory.problem import Problem, closed_list, did_you_mean, shown
from telemetry.errors import ConfigError

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list such as [a, b]",
    "list_type": "a list such as [a, b]",
    "dict_type": "a mapping such as {{key: value}}",
    "model_type": "a mapping such as {{key: value}}",
    "model_attributes_type": "a mapping such as {{key: value}}",
    "date_type": "a date such as 2016-05-01",
    "date_parsing": "a date such as 2016-05-01",
    "date_from_datetime_parsing": "a date such as 2016-05-01",
    "date_from_datetime_inexact": "a date such as 2016-05-01",
    "datetime_type": "a time such as 2026-11-24T12:00+07:00",
    "datetime_parsing": "a time such as 2026-11-24T12:00+07:00",
    "datetime_from_date_parsing": "a time such as 2026-11-24T12:00+07:00",
    "datetime_object_invalid": "a time such as 2026-11-24T12:00+07:00",
    "timezone_aware": "a time with its zone such as 2026-11-24T12:00+07:00",
    "greater_than": "a number greater than {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number less than {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "string_pattern_mismatch": "a text that matches {pattern}",
}
# A value of the wrong type may be a password that slipped a line; only what is surely none is repeated.
_REPEATABLE = ("int_parsing", "float_parsing", "bool_parsing", "date_", "datetime_", "timezone_")


class StrictModel(BaseModel):
    """Base of everything that is read from a file: frozen, unknown keys are refused by name."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        coerce_numbers_to_str=True,  # `version: 3`, `to: 84912345678` are meant as texts
        allow_inf_nan=False,
        hide_input_in_errors=True,  # a stray password never reaches a log through an exception
    )

    @classmethod
    def known_keys(cls) -> Collection[str]:
        """The keys that a file may use, in the order of the fields."""
        return [_key(name, field) for name, field in cls.model_fields.items()]

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any, info: ValidationInfo) -> Any:
        """Comes before the fields are looked at: whoever wrote `clas:` need not also hear that `class`
        is missing. Only code may use the names of the fields, such as `class_`.
        """
        if isinstance(data, dict):
            known = list(cls.known_keys())
            from_file = isinstance(info.context, dict) and "folder" in info.context
            names = set(known) if from_file else {*known, *cls.model_fields}
            unknown = {str(key): known for key in data if key not in names}
            if unknown:
                raise PydanticCustomError("unknown_keys", "unknown keys", {"unknown": unknown})
        return data


def _key(name: str, field: FieldInfo) -> str:
    return field.validation_alias if isinstance(field.validation_alias, str) else name


def read_document(path: Path, model: type[M]) -> M:
    """The file as a `model`. Raises ConfigError with one sentence naming file, line, key, what was
    expected and, where something is near, what was probably meant.
    """
    document, problems = parse(path)
    value = None
    if document is not None and not problems:
        value, problems = validate(document, model)
    if value is None:
        raise ConfigError(str(problems[0]))
    return value


def validate(document: Document, model: type[M]) -> tuple[M | None, list[Problem]]:
    """The document as a `model` and no problems, or None and all that is wrong, in order of lines."""
    context = {"folder": document.path.parent}
    try:
        return model.model_validate(document.data, context=context), []
    except ValidationError as error:
        found = [
            problem
            for detail in error.errors(include_url=False)
            for problem in _problems(document, detail)
        ]
        return None, sorted(found, key=lambda problem: problem.line or 0)


def _problems(document: Document, detail: ErrorDetails) -> list[Problem]:
    loc, context = detail["loc"], detail.get("ctx", {})
    if detail["type"] == "unknown_keys":
        return [
            document.problem((*loc, key), _unknown_key(key, known))
            for key, known in context["unknown"].items()
        ]
    if detail["type"] == "missing":
        if isinstance(loc[-1], int):  # a list of fixed length
            return [document.problem(loc[:-1], f"expected {loc[-1] + 1} of them, found {loc[-1]}")]
        around = document.key(loc[:-1])
        message = f'the key "{loc[-1]}" is missing' + (f" in {around}" if around else "")
        return [Problem(str(document.path), document.line(loc), document.key(loc), message)]
    return [document.problem(_written(document, loc), message_of(detail))]


def _unknown_key(key: str, known: list[str]) -> str:
    hint = did_you_mean(key, known) or f"; expected {closed_list(known)}"
    return "not a known key" + hint


def _written(document: Document, loc: Loc) -> Loc:
    """The part of `loc` that stands in the file; pydantic adds names of its own for unions."""
    while loc and loc not in document.lines:
        loc = loc[:-1]
    return loc


def message_of(detail: ErrorDetails) -> str:
    """One pydantic error in the words of the user: what was expected, and what was found instead."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in ("enum", "literal_error"):
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        return (
            f"expected {closed_list(known)}, found {shown(value)}{did_you_mean(str(value), known)}"
        )
    if kind in ("expected", "value_error"):
        return str(context.get("sentence") or context.get("error") or detail["msg"])
    if kind in _EXPECTED:
        words = "expected " + _EXPECTED[kind].format_map(context)
        repeat = kind.startswith(_REPEATABLE) and isinstance(value, str | int | float)
        return words + (f", found {shown(value)}" if repeat else f", found {_kind_of(value)}")
    return "expected something else: " + detail["msg"][:1].lower() + detail["msg"][1:]


def _kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        return "a text"
    return shown(value)
