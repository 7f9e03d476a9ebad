"""Every exception that this project raises on purpose, each with one sentence seen from the user.

LtmonError                something is wrong that a person can mend; its text is one clear sentence
├── ConfigError           a configuration or inventory file cannot be used as it is
│   └── InventoryError    … the inventory in particular: names file, line and key
├── WireError             a remote-write body is malformed and will never be accepted
├── JournalError          the journal cannot be read or written
├── DatabaseError         the collector's database cannot be read or written
├── SnapshotError         what the judging engine knew was written by another version
├── EnrolmentError        a token or a credential cannot be made or exchanged as asked
├── AgentBufferError      the agent's buffer on disk cannot be read or written
├── CollectorUnreachable  the collector did not answer, or not in our language
└── MissingExtra          the command needs libraries that this installation left out

Silence on the network is an ordinary result, not an exception: see `agent.probe.Result`.
"""

from __future__ import annotations


class LtmonError(Exception):
    """Something is wrong that a person can mend; `str()` is one clear sentence."""


class ConfigError(LtmonError):
    """A configuration or inventory file cannot be used: names file, line, key and expectation."""


class InventoryError(ConfigError):
    """The inventory contradicts itself or its schema: names file, line and key."""


class WireError(LtmonError):
    """A remote-write body is malformed; sending it again will never help."""


class JournalError(LtmonError):
    """The journal cannot be read or written."""


class DatabaseError(LtmonError):
    """The collector's database cannot be read or written."""


class SnapshotError(LtmonError):
    """What the judging engine knew was written by another version of this program."""


class EnrolmentError(LtmonError):
    """A token or a credential cannot be made or exchanged as asked."""


class AgentBufferError(LtmonError):
    """The agent's buffer on disk cannot be read or written."""


class CollectorUnreachable(LtmonError):  # noqa: N818 - named for what the user sees
    """The collector did not answer, or not in our language."""


class MissingExtra(LtmonError):  # noqa: N818 - named for what the user sees
    """The command needs libraries that this installation left out; the text names the extra."""
