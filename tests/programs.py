"""Real programs that tests run beside ours: each on a free loopback port, ended by its own pid."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program that answers at `url`. `process` ends with the context that started it."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str, **parameters: str) -> httpx.Response:
        """What it answers to a GET."""
        return httpx.get(f"{self.url}{path}", params=parameters, timeout=10)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens at just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for_http(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when `url` answers 2xx; else fails with what the program said itself."""
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(timeout=1) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.get(url).is_success:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(0.02)
    raise AssertionError(f"{url} did not get ready:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def program(
    command: Sequence[str], folder: Path, url: str, ready: str, *, name: str
) -> Iterator[Program]:
    """Runs `command` until the context is left; its output goes to a file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(list(command), stdout=output, stderr=output, cwd=folder)
    try:
        wait_for_http(f"{url}{ready}", process, log)
        yield Program(url, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@contextmanager
def prometheus(
    folder: Path, config: str = "global: {}\n", options: Sequence[str] = (), port: int = 0
) -> Iterator[Program]:
    """A Prometheus that takes remote-write at `{url}/api/v1/write`; `config` is its YAML. In the
    same folder and at the same port it is the one that ran there before.
    """
    url = f"http://127.0.0.1:{port or free_port()}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(config)
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/prometheus",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--web.enable-remote-write-receiver",
        *options,
    ]
    with program(command, folder, url, "/-/ready", name="prometheus") as running:
        yield running


@contextmanager
def victoria_metrics(folder: Path, options: Sequence[str] = (), port: int = 0) -> Iterator[Program]:
    """A single VictoriaMetrics that takes remote-write at `{url}/api/v1/write`. In the same folder
    and at the same port it is the one that ran there before.
    """
    url = f"http://127.0.0.1:{port or free_port()}"
    command = [
        "victoria-metrics",
        f"-httpListenAddr={url.removeprefix('http://')}",
        f"-storageDataPath={folder}/victoria-metrics",
        "-retentionPeriod=100y",
        *options,
    ]
    with program(command, folder, url, "/health", name="victoria-metrics") as running:
        yield running


@contextmanager
def alertmanager(folder: Path, config: str, port: int = 0) -> Iterator[Program]:
    """An Alertmanager alone, without a cluster; `config` is its YAML."""
    url = f"http://127.0.0.1:{port or free_port()}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alertmanager.yml").write_text(config)
    command = [
        "prometheus-alertmanager",
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/alertmanager",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    with program(command, folder, url, "/-/ready", name="alertmanager") as running:
        yield running
