"""Files that only the agent's own user may read: buffer, credential, cached inventory.

Whoever can write into the state directory could lay a symbolic link there and have the agent write
through it; so links are refused, and what is written replaces the old file in one step.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from telemetry.errors import ConfigError


def make_private_directory(path: Path) -> None:
    """The directory exists afterwards, belongs to us (or root) and nobody else may write there.

    Raises ConfigError, one sentence, when that cannot be had.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.lstat()
    except OSError as error:
        raise ConfigError(f"{path}: this directory cannot be used: {error.strerror}.") from error
    if stat.S_ISLNK(facts.st_mode):
        raise ConfigError(f"{path}: is a symbolic link; expected a directory of the agent's own.")
    if facts.st_uid not in (0, os.geteuid()):
        raise ConfigError(
            f"{path}: belongs to another user; expected a directory of the agent's own."
        )
    if facts.st_mode & 0o022:
        raise ConfigError(f"{path}: others may write here; run chmod go-w {path}.")


def refuse_symlinks(*paths: Path) -> None:
    """Raises ConfigError when any of the files is a symbolic link; absent ones are fine."""
    for path in paths:
        if path.is_symlink():
            raise ConfigError(
                f"{path}: is a symbolic link; the agent writes only to its own files."
            )


def touch_private(path: Path) -> bool:
    """An ordinary file with mode 0600 stands there afterwards; returns whether it is new."""
    fresh = not path.exists()
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}: this file cannot be used: {error.strerror}.") from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ConfigError(f"{path}: is not an ordinary file.")
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
    return fresh


def write_private(path: Path, text: str) -> None:
    """Replaces the file by `text`, mode 0600; a power cut leaves the old or the new one."""
    refuse_symlinks(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
        flush_directory(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def flush_directory(path: Path) -> None:
    """Makes creations and renames in the directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
