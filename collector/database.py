"""The collector's database: SQLite in a file by default, PostgreSQL by URL; tables and migrations.

Here are the tables' shapes. What is written into one is its owner's business alone: `agents`,
`enrolment_tokens` and `operators` belong to `enrolment`, `forward_positions` to `forward`.
Times are seconds since 1970 as floats; `sites`, `watch` and `document` are JSON text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from telemetry.errors import DatabaseError

metadata = sa.MetaData()

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sites", sa.Text, nullable=False),
    sa.Column("watch", sa.Text, nullable=False),
    sa.Column("credential_hash", sa.Text, nullable=False, unique=True),
    sa.Column("enrolled_at", sa.Double, nullable=False),
    sa.Column("revoked_at", sa.Double),
)
enrolment_tokens = sa.Table(
    "enrolment_tokens",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("sites", sa.Text, nullable=False),
    sa.Column("watch", sa.Text, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("used_at", sa.Double),
)
operators = sa.Table(
    "operators",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
)
incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("opened_at", sa.Double, nullable=False),
    sa.Column("resolved_at", sa.Double),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("idx", sa.BigInteger, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("notification", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("recipient", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.BigInteger, nullable=False),
    sa.Column("next_attempt_at", sa.Double, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("sent_at", sa.Double),
)
snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("taken_at", sa.Double, nullable=False),
    sa.Column("engine", sa.LargeBinary, nullable=False),
)
forward_positions = sa.Table(
    "forward_positions",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
)
migrations = sa.Table(
    "migrations",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied_at", sa.Double, nullable=False),
)


class Database:
    """Transactions on the database at `url`. Safe to use from several threads.

    What SQLAlchemy or a driver complains of comes out as DatabaseError, one sentence; only a
    violated key stays an IntegrityError, because its owner may expect it.
    """

    def __init__(self, url: str) -> None:
        self._url = _driver_url(url)
        self._engine = _engine_of(self._url)

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        return self._transaction(writes=False)

    def write(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that is committed, safe from a power cut, when its block ends well."""
        return self._transaction(writes=True)

    def migrate(self, now: float) -> int:
        """Brings the tables to this version of the program; returns how many migrations it took."""
        applied = 0
        with self.write() as connection:
            metadata.create_all(connection, tables=[migrations])
            known = set(connection.scalars(sa.select(migrations.c.number)))
            _refuse_newer(known)
            for number, name, script in _migration_scripts():
                if number not in known:
                    for statement in _statements(script):
                        connection.exec_driver_sql(statement)
                    row = {"number": number, "name": name, "applied_at": now}
                    connection.execute(sa.insert(migrations).values(row))
                    applied += 1
        return applied

    def close(self) -> None:
        """Lets go of every connection."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(ltmon_writes=writes)
                with connection.begin():
                    yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise DatabaseError(
                f"the database {self._url.render_as_string()} does not work: {_cause_of(error)}"
            ) from error


def open_database(url: str, now: float) -> Database:
    """The database at `url`, brought up to date.

    `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://user@host/name`.
    """
    database = Database(url)
    try:
        database.migrate(now)
    except BaseException:
        database.close()
        raise
    return database


def upsert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the right dialect."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _driver_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "the database's URL is not one; expected sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _engine_of(url: URL) -> sa.Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return sa.create_engine(url, pool_pre_ping=True)
        if url.database:
            _create_private(Path(url.database))
        engine = sa.create_engine(url)
    except NoSuchModuleError as error:
        raise DatabaseError(f"databases of kind {url.drivername} are not supported") from error
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private(path: Path) -> None:
    """Creates the file so that only the owner reads it; SQLite gives its journals the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise DatabaseError(f"the database {path} cannot be opened: {error.strerror}") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin its own transactions, and none for CREATE TABLE: see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout = 10000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later is refused, not delayed, when another wrote in
    # between; so one that is going to write takes its turn at the start.
    writes = connection.get_execution_options().get("ltmon_writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migration_scripts() -> list[tuple[int, str, str]]:
    """(number, name, text) of `migrations/NNNN_name.sql`, in order."""
    found = []
    for file in (resources.files("collector") / "migrations").iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if match:
            found.append((int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return sorted(found)


def _refuse_newer(known: set[int]) -> None:
    newer = known - {number for number, _, _ in _migration_scripts()}
    if newer:
        raise DatabaseError(
            f"the database was written by a newer version (migration {max(newer)}); update ltmon"
        )


def _statements(script: str) -> list[str]:
    """The statements of a script: each ends with `;` at the end of a line."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [
        text.strip() for text in re.split(r";\s*$", "\n".join(lines), flags=re.M) if text.strip()
    ]


def _cause_of(error: SQLAlchemyError) -> str:
    """The driver's own words, in one line."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__
