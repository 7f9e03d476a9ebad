"""The checks that a device or a service names itself, over the defaults of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    create_model,
    model_serializer,
)

from inventory.check import CHECKS, Check
from inventory.document import StrictModel


def _options(value: Any) -> Any:
    """`icmp: false` switches a check off (None); `icmp:` and `icmp: true` ask with the defaults."""
    if value is False:
        return None
    return {} if value is None or value is True else value


class CheckSet(StrictModel):
    """The checks that a device or service names itself: a kind that is not named keeps its class's
    default, a kind that is None is switched off.
    """

    def named(self) -> dict[str, Check | None]:
        """The kinds that are named, in the order of `CHECKS`."""
        return {kind: getattr(self, kind) for kind in CHECKS if kind in self.model_fields_set}

    def asks(self) -> bool:
        """Whether it names a check that is not merely switched off."""
        return any(options is not None for options in self.named().values())

    def over(self, defaults: dict[str, Check]) -> dict[str, Check]:
        """`defaults` overlaid option by option."""
        result = dict(defaults)
        for kind, own in self.named().items():
            if own is None:
                result.pop(kind, None)
            else:
                base = result.get(kind, CHECKS[kind]())
                named = {option: getattr(own, option) for option in own.model_fields_set}
                result[kind] = base.model_copy(update=named)
        return {kind: result[kind] for kind in CHECKS if kind in result}

    @model_serializer(mode="wrap")
    def _write_off_as_false(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        dumped: dict[str, Any] = handler(self)
        return {kind: False if value is None else value for kind, value in dumped.items()}


def _or_boolean(schema: dict[str, Any]) -> None:
    """`icmp: false` and `icmp: true` are right as well."""
    schema["anyOf"].append({"type": "boolean"})


def _optional(kind: type[Check]) -> Any:
    field = Field(default=None, json_schema_extra=_or_boolean)
    return (Annotated[kind | None, BeforeValidator(_options)], field)


if TYPE_CHECKING:
    NamedChecks = CheckSet
else:  # the fields follow from the one list of kinds, which a type checker cannot know
    NamedChecks = create_model(
        "NamedChecks",
        __base__=CheckSet,
        __doc__=CheckSet.__doc__,
        **{kind: _optional(model) for kind, model in CHECKS.items()},
    )

NO_CHECKS = NamedChecks()
