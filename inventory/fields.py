"""The small types that the models share: slugs, names, addresses, durations."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from inventory.problem import shown
from telemetry.labels import clean_text

SLUG_PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
MAX_SLUG = 63  # as long as a DNS label, so that an id can become a host name
_SLUG = re.compile(SLUG_PATTERN)
_HOST_LABEL = re.compile(r"^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$")
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$")
_DATA_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB)$")
_UNIT_OCTETS = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def expected(sentence: str) -> PydanticCustomError:
    """An error whose text is shown to the user as it is. It may repeat the value, so never use it for a
    secret.
    """
    return PydanticCustomError("expected", "{sentence}", {"sentence": sentence})


def slug_of(text: str) -> str:
    """The slug nearest to any text: `Bắc Bình` gives `bac-binh`; may be empty."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    ascii_only = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:MAX_SLUG].strip("-")


def _slug(value: str) -> str:
    if _SLUG.match(value) and len(value) <= MAX_SLUG:
        return value
    near = slug_of(value)
    hint = f'; did you mean "{near}"?' if near else ""
    raise expected(
        f"expected an id of small letters a-z, digits and hyphens, found {shown(value)}{hint}"
    )


def _text(value: str) -> str:
    cleaned = clean_text(value)
    if not cleaned:
        raise expected("expected a text that is not empty")
    return cleaned


def _sha256(value: str) -> str:
    digits = value.replace(":", "").strip().lower()
    if re.fullmatch("[0-9a-f]{64}", digits):
        return digits
    raise expected(f"expected a SHA-256 of 64 hexadecimal digits, found {shown(value)}")


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    host = value.lower().removesuffix(".")
    labels = host.split(".")
    # All digits is a mistyped IPv4 address, not a name: top-level domains are never numeric (RFC 3696).
    is_name = all(len(label) < 64 and _HOST_LABEL.match(label) for label in labels)
    if is_name and len(host) < 254 and not labels[-1].isdigit():
        return host
    raise expected(f"expected an IP address such as 10.11.1.1 or a host name, found {shown(value)}")


def parse_duration(value: object) -> float:
    """Seconds of `30s`, `2m`, `1h`, `7d`, `250ms` or of a plain number of seconds.

    Raises an error that pydantic turns into a sentence for anything else, and for less than nothing.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e10:
        return float(value)
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if found:
        return round(float(found[1]) * _UNIT_SECONDS[found[2]], 6)
    raise expected(f"expected a duration such as 30s, 2m, 1h or 7d, found {shown(value)}")


def parse_data_size(value: object) -> int:
    """Octets of `500kB`, `50MB`, `1GB` (thousands, as data plans are sold) or of a whole number.

    Raises an error that pydantic turns into a sentence for anything else, and for less than nothing.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53:
        return value
    found = _DATA_SIZE.match(value.strip()) if isinstance(value, str) else None
    if found:
        return round(float(found[1]) * _UNIT_OCTETS[found[2]])
    raise expected(f"expected an amount of data such as 500kB, 50MB or 1GB, found {shown(value)}")


def _list_of_one(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


class OneOrMore:
    """Beside a tuple of texts or numbers in `Annotated`: lets a list of one be written without brackets."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_list_of_one, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        array = handler(schema)
        return {"anyOf": [array, array["items"]]}


Port = Annotated[int, Field(ge=1, le=65_535)]
"""A port of TCP or UDP."""

Slug = Annotated[
    str,
    AfterValidator(_slug),
    WithJsonSchema({"type": "string", "pattern": SLUG_PATTERN, "maxLength": MAX_SLUG}),
]
"""An id: small letters a-z, digits, single hyphens; at most 63 characters."""

Sha256 = Annotated[
    str,
    AfterValidator(_sha256),
    WithJsonSchema({"type": "string", "pattern": "^([0-9A-Fa-f]{2}:?){32}$"}),
]
"""A SHA-256 as 64 small hexadecimal digits; written with or without colons, as browsers show it."""

Text = Annotated[str, AfterValidator(_text)]
"""A name for people: one line without control characters, not empty, at most 256 characters."""

Address = Annotated[str, AfterValidator(_address)]
"""A numeric IPv4 or IPv6 address in its canonical form, or a host name in small letters."""

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(lambda seconds: seconds, return_type=float),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": r"^\d+(\.\d+)?\s*(ms|s|m|h|d|w)$"},
            ],
            "examples": ["30s", "2m", "1h"],
        }
    ),
]
"""Seconds; written as `30s`, `2m`, `1h`, `7d`, `250ms` or a number of seconds."""

DataSize = Annotated[
    int,
    BeforeValidator(parse_data_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\d+(\.\d+)?\s*(B|kB|MB|GB)$"},
            ],
            "examples": ["500kB", "50MB", "1GB"],
        }
    ),
]
"""Octets; written as `500kB`, `50MB`, `1GB` (thousands) or a whole number of octets."""
