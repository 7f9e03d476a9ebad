"""With which secrets devices are asked; a secret never prints itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from inventory.document import StrictModel
from inventory.fields import Slug, expected
from telemetry.errors import ConfigError

MAX_SECRET_BYTES = 65_536
REVEAL = "reveal_secrets"
"""Key of the serialisation context: true writes plain secrets out (to the agent that needs them)."""

_FORMS = "expected {env: NAME}, {file: PATH} or a text that is not empty"


class Secret:
    """A secret and where it comes from. Neither `repr`, `str`, a dump nor an error ever shows its value;
    only `reveal()` gives it. Nothing is looked up before that, so an inventory loads without its secrets.

    Written as `{env: NAME}`, `{file: PATH}` (relative to the file it stands in) or a plain text, which
    works and is warned about.
    """

    __slots__ = ("_kind", "_value")

    def __init__(self, kind: Literal["env", "file", "plain", "withheld"], value: str) -> None:
        self._kind = kind
        self._value = value

    @property
    def is_plain(self) -> bool:
        """Whether the secret itself stands in the file."""
        return self._kind == "plain"

    def reveal(self) -> str:
        """The secret. Raises ConfigError with one sentence when its source does not hold it."""
        if self._kind == "env":
            return _from_environment(self._value)
        if self._kind == "file":
            return _from_file(Path(self._value))
        if self._kind == "withheld":
            raise ConfigError("A secret was left out of this copy of the inventory.")
        return self._value

    def revealed(self) -> Secret:
        """The same secret in plain, or unchanged where its source does not hold it here: the agent may
        have it in its own environment.
        """
        try:
            return Secret("plain", self.reveal())
        except ConfigError:
            return self

    def __repr__(self) -> str:
        return "Secret(****)" if self._kind == "plain" else f"Secret({self._kind} {self._value})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return (self._kind, self._value) == (other._kind, other._value)

    def __hash__(self) -> int:
        return hash((self._kind, self._value))

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not pickled or deep-copied; it is immutable")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    @classmethod
    def _parse(cls, value: Any, info: core_schema.ValidationInfo) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value:
            return cls("plain", value)
        if isinstance(value, dict) and len(value) == 1:
            kind, source = next(iter(value.items()))
            if kind == "withheld" and source is True:
                return cls("withheld", "")
            if kind in ("env", "file") and isinstance(source, str) and source:
                return cls(kind, _absolute(source, info) if kind == "file" else source)
        raise expected(_FORMS)

    def _dump(self, info: SerializationInfo) -> Any:
        if self._kind != "plain":
            return {self._kind: self._value or True}
        reveal = isinstance(info.context, dict) and info.context.get(REVEAL) is True
        return self._value if reveal else {"withheld": True}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls._dump, info_arg=True
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        def reference(key: str) -> JsonSchemaValue:
            return {
                "type": "object",
                "properties": {key: {"type": "string", "minLength": 1}},
                "required": [key],
                "additionalProperties": False,
            }

        plain = {"type": "string", "minLength": 1, "description": "works, and is warned about"}
        return {"anyOf": [reference("env"), reference("file"), plain]}


def _absolute(source: str, info: core_schema.ValidationInfo) -> str:
    path = Path(source).expanduser()
    folder = info.context.get("folder") if isinstance(info.context, dict) else None
    return str(path if folder is None else (Path(folder) / path).absolute())


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(f"The secret in the environment variable {name} is not set.")
    return value


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_SECRET_BYTES + 1)
        text = raw.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError(f"The secret file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The secret file {path} is not text in UTF-8.") from None
    if not text or len(raw) > MAX_SECRET_BYTES:
        raise ConfigError(f"The secret file {path} is empty or longer than 64 kB.")
    return text


class AuthSettings(StrictModel):
    """How SNMPv3 messages are signed (RFC 3414 md5, sha; RFC 7860 sha224 … sha512)."""

    protocol: Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"]
    password: Secret


class PrivacySettings(StrictModel):
    """How SNMPv3 messages are encrypted (RFC 3414 des; RFC 3826 aes128). Keys for the longer AES are
    stretched in two ways: aes192 and aes256 by Blumenthal's draft, aes192c and aes256c by Reeder's, which
    Cisco and many others have.
    """

    protocol: Literal["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"]
    password: Secret


def _version(value: Any) -> Any:
    """`version: 3` is read as a number."""
    return str(value) if isinstance(value, int) else value


def _user(value: str) -> str:
    """A colon ends the name in what is sent (RFC 7617)."""
    if 0 < len(value) <= 256 and value.isprintable() and ":" not in value:
        return value
    raise expected("expected the name of a user, without a colon")


class Login(StrictModel):
    """A user and a password, for what is asked over the web: a user of the device that may only read."""

    id: Slug
    user: Annotated[str, AfterValidator(_user)]
    password: Secret

    def secrets(self) -> tuple[tuple[tuple[str, ...], Secret], ...]:
        """Each secret with the keys that lead to it."""
        return ((("password",), self.password),)

    def revealed(self) -> Login:
        """The same login with its password in plain where it can be looked up here."""
        return self.model_copy(update={"password": self.password.revealed()})


class Credentials(StrictModel):
    """How to ask devices by SNMP: a community (versions 1 and 2c) or a user (version 3)."""

    id: Slug
    version: Annotated[
        Literal["1", "2c", "3"],
        BeforeValidator(_version),
        WithJsonSchema({"enum": ["1", "2c", "3", 1, 3]}),
    ]
    community: Secret | None = None
    user: str | None = None
    auth: AuthSettings | None = None
    privacy: PrivacySettings | None = None

    def secrets(self) -> tuple[tuple[tuple[str, ...], Secret], ...]:
        """Each secret with the keys that lead to it."""
        found: list[tuple[tuple[str, ...], Secret]] = []
        if self.community is not None:
            found.append((("community",), self.community))
        if self.auth is not None:
            found.append((("auth", "password"), self.auth.password))
        if self.privacy is not None:
            found.append((("privacy", "password"), self.privacy.password))
        return tuple(found)

    def revealed(self) -> Credentials:
        """The same credentials with every secret in plain where it can be looked up here."""
        update: dict[str, Any] = {}
        if self.community is not None:
            update["community"] = self.community.revealed()
        for name, settings in (("auth", self.auth), ("privacy", self.privacy)):
            if settings is not None:
                password = settings.password.revealed()
                update[name] = settings.model_copy(update={"password": password})
        return self.model_copy(update=update)

    @model_validator(mode="after")
    def _fits_version(self) -> Self:
        if self.version == "3":
            if not self.user or self.community is not None:
                raise expected("expected a user and no community, for version 3")
            if self.privacy is not None and self.auth is None:
                raise expected("expected auth as well: version 3 has no privacy without it")
        elif self.community is None or self.user or self.auth or self.privacy:
            raise expected(f"expected a community and no user, for version {self.version}")
        return self
