"""Who is behind a token: agents and operators of the config, and those of the database."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from collector.config import AgentAccess, OperatorAccess
from collector.enrolment import Enrolled, Enrolment
from telemetry.errors import ConfigError


class Access:
    """Looks tokens up. The config's are read once, at start, so that a missing secret is reported
    there.

    Raises ConfigError when a secret of the config cannot be read or two agents share one.
    """

    def __init__(
        self,
        enrolment: Enrolment,
        agents: Sequence[AgentAccess],
        operators: Sequence[OperatorAccess],
    ) -> None:
        self._enrolment = enrolment
        self._agents = [
            (a.token.reveal().encode(), Enrolled(a.agent, a.sites, a.watch, 0.0, None))
            for a in agents
        ]
        self._operators = [(o.token.reveal().encode(), o.name) for o in operators]
        tokens = [token for token, _ in self._agents]
        if len(set(tokens)) < len(tokens):
            raise ConfigError("Two agents of the config have the same token; each needs its own.")

    def agent_of(self, credential: str) -> Enrolled | None:
        """The agent with this credential, None when there is none."""
        given = credential.encode("utf-8", "surrogatepass")
        found = None
        for token, agent in self._agents:  # all of them, so that the time tells nothing
            if hmac.compare_digest(token, given):
                found = agent
        return found or self._enrolment.agent_of(credential)

    def operator_of(self, token: str) -> str | None:
        """The name of the operator with this token, None when there is none."""
        given = token.encode("utf-8", "surrogatepass")
        found = None
        for known, name in self._operators:
            if hmac.compare_digest(known, given):
                found = name
        if found is not None:
            return found
        operator = self._enrolment.operator_of(token)
        return operator.name if operator is not None else None
