"""Two real programs that pictures need: a Prometheus for the example, a Chromium that photographs."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_SECONDS = 30.0
PHOTO_SECONDS = 90.0

_CONFIG = "storage: {tsdb: {out_of_order_time_window: 2d}}\n"
_CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1",
)  # fmt: skip


class ProgramError(Exception):
    """A program is not installed, did not start, or did not do its work; with its own last words."""


@contextmanager
def prometheus(folder: Path) -> Iterator[str]:
    """The URL of an empty Prometheus on loopback that takes samples of the last two days."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "prometheus.yml").write_text(_CONFIG, encoding="utf-8")
    log = folder / "prometheus.log"
    command = [
        _found("prometheus"),
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
        "--web.enable-remote-write-receiver",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 - our words
    try:
        _wait(f"http://{address}/-/ready", process, log)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def photograph(html: Path, picture: Path, width: int, height: int, profile: Path) -> None:
    """A picture of a file in a window of this size. profile: a folder for the browser's own things."""
    done = subprocess.run(  # noqa: S603 - our words
        [
            _found("chromium"),
            *_CHROMIUM,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--screenshot={picture}",
            html.as_uri(),
        ],
        capture_output=True,
        timeout=PHOTO_SECONDS,
        check=False,
    )
    if done.returncode or not picture.exists():
        raise ProgramError(f"chromium took no picture: {done.stderr.decode()[-500:]}")


def _found(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise ProgramError(f"{name} is not installed; scripts/system-packages installs it")
    return path


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=1, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass  # it does not listen yet
        time.sleep(0.05)
    raise ProgramError(f"{url} did not get ready: {log.read_text(errors='replace')[-500:]}")
