"""A district for one test: a real collector and real agents as processes of their own, on loopback."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx

from tests.scenarios.boxes import QUICK, Box, Office, free_port, loopback
from tests.scenarios.desk import HookDesk, MailDesk
from tests.scenarios.worker import Worker, until

OPERATOR = "chị Hoa"
OPERATOR_TOKEN = "operator-token-of-a-test"


class Company:
    """Offices with an agent each, a collector, and a desk where mails and webhook calls arrive.

    Nothing runs until it is started; all that runs is ended with the context, and what it said is
    printed when the test fails. `settings`: further keys of the collector's config.

    The collector inherits its listening socket, as from a service manager: who knocks while it is
    dead waits at the door, so that no test waits for a back-off of half a minute.
    """

    def __init__(
        self,
        folder: Path,
        *sites: str,
        check: Mapping[str, str] = QUICK,
        **settings: Any,
    ) -> None:
        self.folder = folder
        self.offices = {site: Office(site, number) for number, site in enumerate(sites, 1)}
        self._door = socket.create_server((loopback(1), 0))
        self.url = "http://{}:{}".format(*self._door.getsockname())
        self.mail, self.hook = MailDesk(), HookDesk()
        self.workers: dict[str, Worker] = {}
        self.agent_ports: dict[str, int] = {}
        self._check, self._settings = dict(check), settings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Company:
        self._stack.enter_context(self._door)
        await self._stack.enter_async_context(self.mail)
        await self._stack.enter_async_context(self.hook)
        self.client = await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=10)
        )
        for box in self.boxes:
            await box.open()
            self._stack.push_async_callback(box.close)
        self.write_inventory({})
        self._write_collector()
        self.collector = self._worker(
            "collector", "collector", "run", inherited=(self._door.fileno(),)
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for worker in self.workers.values():
            await worker.end()
        if kind is not None:
            for worker in self.workers.values():
                print(f"--- {worker.name}\n{worker.log()}")
            print("--- mails:", *self.mail.subjects, sep="\n")
        await self._stack.aclose()

    @property
    def boxes(self) -> list[Box]:
        """Every device."""
        return [box for office in self.offices.values() for box in office.boxes.values()]

    def agent(self, site: str, **settings: Any) -> Worker:
        """The agent of an office, which gets its inventory from the collector."""
        self.agent_ports[site] = free_port(loopback(2))
        document = {
            "agent": site,
            "site": site,
            "collector": {"url": self.url, "token": token_of(site)},
            "listen": f"{loopback(2)}:{self.agent_ports[site]}",
            "state_dir": site,
            "push": {"interval": "200ms"},
            **settings,
        }
        _write(self.folder / f"{site}.yaml", document)
        return self._worker(site, "agent", "run")

    async def start(self) -> None:
        """Starts the collector, and returns when it has worked through its journal."""
        await self.collector.start()
        await until(self._ready, "the collector did not get ready")

    async def start_all(self) -> None:
        """Starts the collector and an agent per office; returns when every device was measured."""
        await self.collector.start()
        for site in self.offices:
            await self.agent(site).start()
        await until(self._ready, "the collector did not get ready")
        await until(self.all_up, "not every device is up")

    async def all_up(self) -> bool:
        """Whether every device is up."""
        return all(device["state"] == "up" for device in await self.get("devices"))

    async def get(self, path: str, **query: str) -> Any:
        """What the collector's API answers."""
        answer = await self.client.get(f"/api/v1/{path}", params={"lang": "en", **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def incidents(self, state: str = "open") -> dict[str, dict[str, Any]]:
        """Incidents by their cause."""
        return {
            incident["cause"]: incident for incident in await self.get("incidents", state=state)
        }

    async def push(self, site: str, body: bytes, token: str = "") -> httpx.Response:
        """Remote-write, as the agent of this office would."""
        headers = {
            "Authorization": f"Bearer {token or token_of(site)}",
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
        }
        return await self.client.post("/api/v1/write", content=body, headers=headers)

    async def metrics(self) -> str:
        """The collector's `/metrics`."""
        return (await self.client.get("/metrics")).text

    def write_inventory(self, extra: Mapping[str, list[dict[str, Any]]]) -> None:
        """Writes the collector's inventory: the offices, and `extra` rows by their key."""
        sites: list[dict[str, Any]] = [{"id": "centre", "name": "UBND huyện", "kind": "district"}]
        sites += [
            {"id": site, "name": f"UBND xã {site}", "kind": "commune", "parent": "centre"}
            for site in self.offices
        ]
        document: dict[str, Any] = {
            "district": {
                "id": "lap-thach",
                "name": "Huyện Lập Thạch",
                "timezone": "Asia/Ho_Chi_Minh",
                "language": "en",
            },
            "sites": sites,
            "devices": [box.row(self._check) for box in self.boxes],
            "people": [
                {
                    "id": "lead",
                    "name": "Anh Dũng",
                    "role": "lead",
                    "language": "en",
                    "reach": [{"channel": "email", "to": "lead@lap-thach.example"}],
                }
            ],
        }
        for key, rows in extra.items():
            document[key] = [*document.get(key, ()), *rows]
        (self.folder / "inventory").mkdir(exist_ok=True)
        _write(self.folder / "inventory" / "all.yaml", document)

    def forward_to(self, url: str) -> None:
        """Before the start: the collector writes on to this store, under the name prometheus."""
        self._settings["forward"] = [{"name": "prometheus", "url": url}]
        self._write_collector()

    def _write_collector(self) -> None:
        document = {
            "inventory": "inventory",
            "state_dir": "collector",
            "listen": {"fd": self._door.fileno()},
            "public_url": self.url,
            "agents": [
                {"agent": site, "sites": [site], "token": token_of(site)} for site in self.offices
            ],
            "operators": [{"name": OPERATOR, "token": OPERATOR_TOKEN}],
            "channels": {
                "email": {
                    "host": "127.0.0.1",
                    "port": self.mail.port,
                    "security": "none",
                    "from": "giam-sat@lap-thach.example",
                },
                "webhook": {"url": f"http://127.0.0.1:{self.hook.port}/hook"},
            },
            "tick": "1s",
            "snapshot_every": "1s",
            "notify": {"retry_first": "500ms"},
            **self._settings,
        }
        _write(self.folder / "collector.yaml", document)

    def _worker(self, name: str, *command: str, inherited: tuple[int, ...] = ()) -> Worker:
        config = str(self.folder / f"{name}.yaml")
        worker = Worker(name, [*command, "--config", config], self.folder, inherited)
        self.workers[name] = worker
        return worker

    async def _ready(self) -> bool:
        try:
            return (await self.client.get("/-/ready")).is_success
        except httpx.TransportError:
            return False


def token_of(site: str) -> str:
    """The agent's token."""
    return f"agent-token-of-{site}"


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """A YAML file; JSON is YAML."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1))
