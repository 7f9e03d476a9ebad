"""A one-time token lets one agent in, once; a revoked one stays out; no secret is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from collector.database import Database, metadata, open_database
from collector.enrolment import TOKEN_SECONDS, Enrolled, Enrolment, Operator, Role
from telemetry.errors import EnrolmentError
from tests.collector.postgres import postgres

NOW = 1_795_368_377.5


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path}/collector.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    opened = open_database(url, NOW)
    yield opened
    with opened.write() as connection:
        metadata.drop_all(connection)
    opened.close()


@pytest.fixture
def enrolment(database: Database) -> Enrolment:
    return Enrolment(database)


def test_a_token_becomes_a_credential_once(enrolment: Enrolment) -> None:
    """… and the credential leads to the agent, its sites and what else it watches."""
    token = enrolment.create_token("bac-binh", ["bac-binh", "tu-du"], NOW, watch=["core-1"])
    enrolled, credential = enrolment.redeem(token, NOW + 5)
    assert enrolled == Enrolled("bac-binh", ("bac-binh", "tu-du"), ("core-1",), NOW + 5, None)
    assert enrolment.agent_of(credential) == enrolled
    assert enrolment.agents() == (enrolled,)
    with pytest.raises(EnrolmentError, match="used already"):
        enrolment.redeem(token, NOW + 6)


def test_wrong_tokens(enrolment: Enrolment) -> None:
    """Unknown, too old, a credential in place of a token, and the other way round."""
    token = enrolment.create_token("a", ["a"], NOW)
    for wrong in ("", "lte_x", token + "x", "\udc80", "' OR 1=1 --"):
        with pytest.raises(EnrolmentError, match="unknown"):
            enrolment.redeem(wrong, NOW)
        assert enrolment.agent_of(wrong) is None
        assert enrolment.operator_of(wrong) is None
    with pytest.raises(EnrolmentError, match="too old"):
        enrolment.redeem(token, NOW + TOKEN_SECONDS)
    assert enrolment.agent_of(token) is None
    enrolment.redeem(token, NOW + TOKEN_SECONDS - 1)


@pytest.mark.parametrize("agent", ["", "Bac Binh", "-a", "a\n", "<script>"])
def test_names_of_agents_are_slugs(enrolment: Enrolment, agent: str) -> None:
    """They become labels and parts of paths."""
    with pytest.raises(EnrolmentError, match="small letters, digits and hyphens"):
        enrolment.create_token(agent, ["a"], NOW)
    with pytest.raises(EnrolmentError, match="at least one site"):
        enrolment.create_token("a", [], NOW)


def test_of_two_who_come_at_once_one_gets_it(enrolment: Enrolment) -> None:
    """Eight threads with one token."""
    token = enrolment.create_token("a", ["a"], NOW)
    outcomes: list[str] = []

    def redeem() -> None:
        try:
            outcomes.append(enrolment.redeem(token, NOW)[1])
        except EnrolmentError:
            outcomes.append("")

    threads = [threading.Thread(target=redeem) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (credential,) = filter(None, outcomes)
    assert len(outcomes) == 8
    assert enrolment.agent_of(credential) is not None


def test_revoked_agents_are_known_as_such(enrolment: Enrolment) -> None:
    """A new token lets the agent in again, with a new credential; the old one is void."""
    _, old = enrolment.redeem(enrolment.create_token("a", ["a"], NOW), NOW)
    assert enrolment.revoke("a", NOW + 1)
    assert not enrolment.revoke("a", NOW + 2)
    assert not enrolment.revoke("nobody", NOW + 2)
    revoked = enrolment.agent_of(old)
    assert revoked is not None
    assert revoked.revoked_at == NOW + 1
    _, new = enrolment.redeem(enrolment.create_token("a", ["b"], NOW + 3), NOW + 4)
    assert enrolment.agent_of(old) is None
    assert enrolment.agent_of(new) == Enrolled("a", ("b",), (), NOW + 4, None)


def test_operators(enrolment: Enrolment) -> None:
    """A new token voids the one before."""
    old = enrolment.add_operator("lan", Role.VIEWER, NOW)
    new = enrolment.add_operator("lan", Role.OPERATOR, NOW)
    assert enrolment.operator_of(old) is None
    assert enrolment.operator_of(new) == Operator("lan", Role.OPERATOR)
    assert enrolment.operators() == (Operator("lan", Role.OPERATOR),)
    assert enrolment.remove_operator("lan")
    assert not enrolment.remove_operator("lan")
    assert enrolment.operator_of(new) is None


def test_no_secret_is_stored(enrolment: Enrolment, database: Database) -> None:
    """Nothing in the database lets anybody in."""
    token = enrolment.create_token("a", ["a"], NOW)
    _, credential = enrolment.redeem(token, NOW)
    operator = enrolment.add_operator("lan", Role.ADMINISTRATOR, NOW)
    assert len({token, credential, operator}) == 3
    with database.read() as connection:
        stored = "".join(
            str(connection.execute(sa.select(table)).all()) for table in metadata.tables.values()
        )
    assert "lan" in stored
    for secret in (token, credential, operator):
        assert secret not in stored
        assert secret.partition("_")[2] not in stored


def test_those_whom_the_config_names(database: Database) -> None:
    """They are let in beside the enrolled ones."""
    agent = Enrolled("demo", ("a", "b"), (), 0.0, None)
    operator = Operator("lan", Role.OPERATOR)
    enrolment = Enrolment(
        database,
        configured_agents={"agent-token": agent},
        configured_operators={"operator-token": operator},
    )
    assert enrolment.agent_of("agent-token") == agent
    assert enrolment.operator_of("operator-token") == operator
    assert enrolment.agent_of("operator-token") is None
    assert enrolment.operator_of("agent-token") is None
    enrolled, credential = enrolment.redeem(enrolment.create_token("a", ["a"], NOW), NOW)
    assert enrolment.agent_of(credential) == enrolled
