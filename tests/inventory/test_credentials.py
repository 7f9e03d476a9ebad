"""A secret never prints, and says in one sentence where it is missing."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from inventory.credentials import AuthSettings, Credentials, Secret
from inventory.document import StrictModel, read_document
from telemetry.errors import ConfigError

CANARY = "canary-7f3a"


class Holder(StrictModel):
    """A configuration with a secret."""

    token: Secret
    count: int = 0


def test_a_plain_secret_never_shows() -> None:
    """Not in repr, str, formats, dumps, JSON, copies or logs."""
    holder = Holder(token=CANARY)  # type: ignore[arg-type]
    shown = [
        repr(holder),
        str(holder),
        f"{holder.token}",
        f"{holder.token!r:>40}",
        str(holder.model_dump()),
        holder.model_dump_json(),
        json.dumps(holder.model_dump(mode="json")),
        str(vars(holder)),
        repr(copy.deepcopy(holder)),
        logging.LogRecord("x", 20, "x", 1, "%s %r", (holder, holder.token), None).getMessage(),
    ]
    assert not any(CANARY in text for text in shown)
    assert holder.token.reveal() == CANARY
    assert holder.token.is_plain


def test_a_secret_is_not_pickled() -> None:
    """A pickle would carry it in plain."""
    with pytest.raises(TypeError):
        pickle.dumps(Secret("plain", CANARY))


def test_an_error_beside_a_secret_does_not_show_it() -> None:
    """The exception of a model that holds one, with its traceback."""
    with pytest.raises(ValidationError) as raised:
        Holder.model_validate({"token": CANARY, "count": CANARY})
    assert CANARY not in "".join(traceback.format_exception(raised.value))
    with pytest.raises(ValidationError) as raised:
        Holder.model_validate({"token": [CANARY]})
    assert CANARY not in str(raised.value)


def test_the_environment_is_read_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing and empty are the same."""
    secret = Secret("env", "LTMON_TEST_SECRET")
    monkeypatch.setenv("LTMON_TEST_SECRET", CANARY)
    assert secret.reveal() == CANARY
    assert repr(secret) == "Secret(env LTMON_TEST_SECRET)"
    assert not secret.is_plain
    monkeypatch.setenv("LTMON_TEST_SECRET", "")
    with pytest.raises(
        ConfigError,
        match=r"^The secret in the environment variable LTMON_TEST_SECRET is not set\.$",
    ):
        secret.reveal()
    assert secret.revealed() is secret


def test_a_file_is_read_without_its_last_line_end(tmp_path: Path) -> None:
    """Relative to the file that names it; blanks within belong to the secret."""
    (tmp_path / "config.yaml").write_text("token: {file: keys/token}\n")
    (tmp_path / "keys").mkdir()
    path = tmp_path / "keys" / "token"
    path.write_text(f" {CANARY} \r\n")
    holder = read_document(tmp_path / "config.yaml", Holder)
    assert holder.token.reveal() == f" {CANARY} "
    assert holder.token == Secret("file", str(path))
    for content, sentence in (
        (b"\n", "is empty"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"x" * 70_000, "64 kB"),
    ):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=sentence):
            holder.token.reveal()
    path.unlink()
    with pytest.raises(
        ConfigError, match=rf"^The secret file {path} cannot be read: No such file or directory\.$"
    ):
        holder.token.reveal()


def test_a_secret_of_digits_keeps_its_zeros(tmp_path: Path) -> None:
    """`community: 007` is three characters."""
    (tmp_path / "config.yaml").write_text("token: 007\n")
    assert read_document(tmp_path / "config.yaml", Holder).token.reveal() == "007"
    (tmp_path / "config.yaml").write_text("token: 1234\n")
    assert read_document(tmp_path / "config.yaml", Holder).token.reveal() == "1234"


def test_a_withheld_secret_says_so() -> None:
    """What `to_json` left out does not turn into an empty password."""
    holder = Holder.model_validate_json(Holder(token=CANARY).model_dump_json())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"^A secret was left out of this copy"):
        holder.token.reveal()


def test_equal_secrets_are_equal_and_hash_alike() -> None:
    """Inventories are compared when they are loaded again."""
    assert Secret("env", "A") == Secret("env", "A")
    assert hash(Secret("env", "A")) == hash(Secret("env", "A"))
    assert Secret("env", "A") != Secret("file", "A")
    assert Secret("env", "A") != "A"
    assert copy.copy(Secret("plain", "A")) == Secret("plain", "A")


@pytest.mark.parametrize("protocol", ["md5", "sha", "sha224", "sha256", "sha384", "sha512"])
def test_the_protocols_of_version_3(protocol: str) -> None:
    """As RFC 3414 and RFC 7860 name them."""
    settings = AuthSettings.model_validate({"protocol": protocol, "password": {"env": "A"}})
    assert settings.protocol == protocol


def test_version_3_may_go_without_privacy_and_without_auth() -> None:
    """noAuthNoPriv and authNoPriv exist on old boxes."""
    assert Credentials.model_validate({"id": "a", "version": 3, "user": "u"}).secrets() == ()
    signed = {
        "id": "a",
        "version": 3,
        "user": "u",
        "auth": {"protocol": "sha", "password": "x" * 8},
    }
    assert [keys for keys, _ in Credentials.model_validate(signed).secrets()] == [
        ("auth", "password")
    ]


@pytest.mark.parametrize("protocol", ["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"])
def test_every_cipher_that_an_engine_speaks_may_be_written(protocol: str) -> None:
    """Both ways of stretching keys, and the inventory's list is the engines' list."""
    written = {
        "id": "c",
        "version": "3",
        "user": "mon",
        "auth": {"protocol": "sha", "password": {"env": "A"}},
        "privacy": {"protocol": protocol, "password": {"env": "B"}},
    }
    privacy = Credentials.model_validate(written).privacy
    assert privacy is not None
    assert privacy.protocol == protocol
