"""A PostgreSQL cluster of the test's own: in a temporary folder, on a Unix socket, as its user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _programs() -> Path:
    """Where Debian keeps initdb and postgres; they are not on the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert folders, "PostgreSQL is missing: run scripts/test as root once, it installs it"
    return folders[-1]


def _as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database in a cluster that ends with the context."""
    folder = Path(tempfile.mkdtemp(prefix="ltmon-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        control = _as_postgres(str(_programs() / "pg_ctl"), "-D", f"{folder}/data", "-s")
        _run(*control, "-o", f"-A trust -N -U {user}", "init")
        # Durability is not what these tests are about, and the sync of a new cluster takes seconds.
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run(*control, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://{user}@/postgres?host={folder}"
        finally:
            _run(*control, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
