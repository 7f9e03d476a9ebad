"""The tables are the same on both databases, and what is written stays or never was."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from collector import database
from collector.database import Database, metadata, open_database, upsert
from telemetry.errors import DatabaseError
from tests.collector.postgres import postgres


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/collector.db"
        return
    postgres_url = request.getfixturevalue("postgres_url")
    yield postgres_url
    emptied = Database(postgres_url)
    with emptied.write() as connection:
        metadata.drop_all(connection)
    emptied.close()


@pytest.fixture
def opened(url: str) -> Iterator[Database]:
    opened = open_database(url, now=1000.0)
    yield opened
    opened.close()


def test_migrations_make_the_declared_tables(url: str, opened: Database) -> None:
    """Names, keys, what may be absent: the SQL files and the Table objects say the same."""
    with opened.read() as connection:
        real = sa.inspect(connection)
        assert set(real.get_table_names()) == set(metadata.tables)
        for name, table in metadata.tables.items():
            columns = {column["name"]: column for column in real.get_columns(name)}
            assert list(columns) == [column.name for column in table.columns]
            for column in table.columns:
                assert columns[column.name]["nullable"] == column.nullable, f"{name}.{column.name}"
                assert columns[column.name][
                    "type"
                ]._type_affinity is column.type._type_affinity or (
                    isinstance(column.type, sa.LargeBinary)
                )
            key = real.get_pk_constraint(name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key.columns]


def test_migrating_again_changes_nothing(url: str, opened: Database) -> None:
    """What was applied is recorded, with its name and the time."""
    assert opened.migrate(now=2000.0) == 0
    with opened.read() as connection:
        rows = connection.execute(sa.select(database.migrations)).all()
    assert [tuple(row) for row in rows] == [(1, "first_tables", 1000.0)]


def test_a_database_of_a_newer_version_is_refused(url: str, opened: Database) -> None:
    """An old program must not write into tables that it does not know."""
    with opened.write() as connection:
        connection.execute(
            sa.insert(database.migrations).values(number=9001, name="later", applied_at=1.0)
        )
    with pytest.raises(DatabaseError, match="written by a newer version"):
        open_database(url, now=3000.0)


def test_bytes_floats_and_large_numbers_come_back(url: str, opened: Database) -> None:
    """To the last bit, in both databases."""
    row = {"seq": 2**62, "taken_at": 1795368377.743123, "engine": bytes(range(256))}
    with opened.write() as connection:
        connection.execute(sa.insert(database.snapshots).values(row))
    with opened.read() as connection:
        found = connection.execute(sa.select(database.snapshots)).one()
    assert found._asdict() == row


def test_upsert(url: str, opened: Database) -> None:
    """One spelling for both databases."""
    with opened.write() as connection:
        for seq in (1, 7):
            insert = upsert(connection, database.forward_positions).values(store="a", seq=seq)
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["store"], set_={"seq": insert.excluded.seq}
                )
            )
        kept = upsert(connection, database.forward_positions).values(store="a", seq=99)
        connection.execute(kept.on_conflict_do_nothing())
    with opened.read() as connection:
        assert connection.scalar(sa.select(database.forward_positions.c.seq)) == 7


def test_a_block_that_fails_leaves_nothing(url: str, opened: Database) -> None:
    """All of a transaction or none of it; a violated key is told as that."""

    def store_twice() -> None:
        with opened.write() as connection:
            for seq in (1, 2):
                row = {"store": "a", "seq": seq}
                connection.execute(sa.insert(database.forward_positions).values(row))

    with pytest.raises(IntegrityError):
        store_twice()
    with opened.read() as connection:
        assert connection.scalar(sa.select(sa.func.count(database.forward_positions.c.seq))) == 0


def test_writers_take_turns(url: str, opened: Database) -> None:
    """Read, then write: no increment of any thread is lost, none is refused."""
    with opened.write() as connection:
        connection.execute(sa.insert(database.forward_positions).values(store="a", seq=0))

    def count_up() -> None:
        table = database.forward_positions
        for _ in range(10):
            with opened.write() as connection:
                query = sa.select(table.c.seq).where(table.c.store == "a").with_for_update()
                seq = connection.scalar(query)
                assert seq is not None
                connection.execute(sa.update(table).values(seq=seq + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened.read() as connection:
        assert connection.scalar(sa.select(database.forward_positions.c.seq)) == 40


def test_the_file_is_private(tmp_path: Path) -> None:
    """It names every device; other users of the machine need not read it."""
    opened = open_database(f"sqlite:///{tmp_path}/collector.db", now=1.0)
    with opened.read() as connection:
        connection.execute(sa.select(database.agents))
        files = [path for path in tmp_path.iterdir() if path.name.startswith("collector.db")]
        assert len(files) == 3  # the write-ahead log too
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    opened.close()


def test_urls_that_lead_nowhere(tmp_path: Path) -> None:
    """One sentence each, without a password in it."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for url, sentence in {
        "nonsense": "expected sqlite:///PATH",
        "oracle9://a/b": "databases of kind oracle9 are not supported",
        f"sqlite:///{tmp_path}/missing/x.db": "cannot be opened: No such file or directory",
        f"sqlite:///{tmp_path}/link": "cannot be opened: Too many levels of symbolic links",
        f"postgresql://a:canary@/x?host={tmp_path}": "does not work: ",
    }.items():
        with pytest.raises(DatabaseError, match=sentence) as caught:
            open_database(url, now=1.0)
        assert "canary" not in str(caught.value)
        assert "\n" not in str(caught.value)
