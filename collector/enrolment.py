"""Who may talk to the collector: agents, the one-time tokens that make them, and operators.

Owns the tables `agents`, `enrolment_tokens` and `operators`. Tokens and credentials are 256 random
bits, shown once; only their SHA-256 is stored, so a stolen database opens nothing. (A slow hash is
for passwords, which can be guessed; these cannot.)
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from collector.database import Database, agents, enrolment_tokens, operators, upsert
from telemetry.errors import EnrolmentError

TOKEN_SECONDS = 7 * 86400.0
"""How long a one-time token waits to be used: from the desk to the farthest commune and back."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Role(StrEnum):
    """What an operator may do; each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An agent that was let in. `sites`: it may write about them; `watch`: further devices it asks.

    Times in seconds since 1970; `revoked_at` is None while it may come in.
    """

    agent: str
    sites: tuple[str, ...]
    watch: tuple[str, ...]
    enrolled_at: float
    revoked_at: float | None


@dataclass(frozen=True, slots=True)
class Operator:
    """A person, or a program acting for one, who asks the collector's API."""

    name: str
    role: Role


Who = TypeVar("Who", Enrolled, Operator)


class Enrolment:
    """Makes, checks and withdraws the credentials of agents and operators.

    Every change counts at once, also when it was made by another process on the same database.
    `configured_agents` and `configured_operators`, by their secret, are let in besides: those whom
    the config file names.
    """

    def __init__(
        self,
        database: Database,
        *,
        configured_agents: Mapping[str, Enrolled] | None = None,
        configured_operators: Mapping[str, Operator] | None = None,
    ) -> None:
        self._database = database
        self._configured_agents = _by_hash(configured_agents or {})
        self._configured_operators = _by_hash(configured_operators or {})

    def create_token(
        self,
        agent: str,
        sites: Collection[str],
        now: float,
        *,
        watch: Collection[str] = (),
        lifetime_seconds: float = TOKEN_SECONDS,
    ) -> str:
        """A new one-time token with which `agent` is let in for `sites`, shown this once."""
        if not _SLUG.fullmatch(agent):
            raise EnrolmentError(
                f"an agent's name is small letters, digits and hyphens, not {agent!r}"
            )
        if not sites:
            raise EnrolmentError(f"agent {agent} needs at least one site to write about")
        token = _new_secret("lte")
        row = {
            "hash": _hash(token),
            "agent": agent,
            "sites": json.dumps(list(sites)),
            "watch": json.dumps(list(watch)),
            "created_at": now,
            "expires_at": now + lifetime_seconds,
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(enrolment_tokens).values(row))
        return token

    def redeem(self, token: str, now: float) -> tuple[Enrolled, str]:
        """Exchanges a one-time token, once, for the agent and its credential, shown this once.

        An agent that was let in before gets a new credential; its old one is void from then on.
        Raises EnrolmentError for a token that is unknown, used or too old.
        """
        credential = _new_secret("lta")
        with self._database.write() as connection:
            # One statement, so that of two who come at once only one gets it.
            used = connection.execute(
                sa.update(enrolment_tokens)
                .where(enrolment_tokens.c.hash == _hash(token))
                .where(enrolment_tokens.c.used_at.is_(None))
                .where(enrolment_tokens.c.expires_at > now)
                .values(used_at=now)
                .returning(enrolment_tokens)
            ).one_or_none()
            if used is None:
                raise EnrolmentError(
                    "this token is unknown, used already or too old: make one with"
                    " `ltmon collector token`"
                )
            row = {
                "id": used.agent,
                "sites": used.sites,
                "watch": used.watch,
                "credential_hash": _hash(credential),
                "enrolled_at": now,
                "revoked_at": None,
            }
            insert = upsert(connection, agents).values(row)
            connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=row))
        return Enrolled(used.agent, _names(used.sites), _names(used.watch), now, None), credential

    def agent_of(self, credential: str) -> Enrolled | None:
        """The agent with this credential, revoked or not; None when there is none."""
        configured = self._configured_agents.get(_hash(credential))
        if configured is not None:
            return configured
        with self._database.read() as connection:
            row = _with_secret(connection, agents.c.credential_hash, credential)
        return None if row is None else _enrolled(row)

    def agents(self) -> tuple[Enrolled, ...]:
        """All agents ever let in by a token, by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(agents).order_by(agents.c.id))
            return tuple(_enrolled(row) for row in rows)

    def revoke(self, agent: str, now: float) -> bool:
        """Shuts an agent out; False when it is unknown or was shut out before."""
        query = sa.update(agents).where(agents.c.id == agent, agents.c.revoked_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(query.values(revoked_at=now)).rowcount > 0

    def add_operator(self, name: str, role: Role, now: float) -> str:
        """The token of a new operator, shown this once. Who exists gets a new one."""
        token = _new_secret("lto")
        row = {"name": name, "token_hash": _hash(token), "role": role.value, "created_at": now}
        with self._database.write() as connection:
            insert = upsert(connection, operators).values(row)
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=row))
        return token

    def operator_of(self, token: str) -> Operator | None:
        """The operator with this token, or None."""
        configured = self._configured_operators.get(_hash(token))
        if configured is not None:
            return configured
        with self._database.read() as connection:
            row = _with_secret(connection, operators.c.token_hash, token)
        return None if row is None else Operator(row.name, Role(row.role))

    def operators(self) -> tuple[Operator, ...]:
        """All operators, by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(operators).order_by(operators.c.name))
            return tuple(Operator(row.name, Role(row.role)) for row in rows)

    def remove_operator(self, name: str) -> bool:
        """Voids an operator's token; False when there is no such operator."""
        with self._database.write() as connection:
            query = sa.delete(operators).where(operators.c.name == name)
            return connection.execute(query).rowcount > 0


def _new_secret(kind: str) -> str:
    """A random secret whose first letters tell a person, and a scanner of leaks, what it is."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _by_hash(secrets_of: Mapping[str, Who]) -> dict[str, Who]:
    return {_hash(secret): who for secret, who in secrets_of.items()}


def _with_secret(
    connection: sa.Connection, column: sa.Column[Any], secret: str
) -> sa.Row[Any] | None:
    """The row whose `column` is the hash of `secret`, compared once more in constant time."""
    digest = _hash(secret)
    row = connection.execute(sa.select(column.table).where(column == digest)).one_or_none()
    if row is None or not hmac.compare_digest(row._mapping[column], digest):
        return None
    return row


def _enrolled(row: sa.Row[Any]) -> Enrolled:
    sites, watch = _names(row.sites), _names(row.watch)
    return Enrolled(row.id, sites, watch, row.enrolled_at, row.revoked_at)


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
