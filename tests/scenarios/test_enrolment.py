"""A new office, by nothing but the commands that people type: token, enrol, run, status, acknowledge."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx
import pytest
import yaml

from tests.scenarios.company import Company
from tests.scenarios.worker import ROOT, Worker, until

pytestmark = pytest.mark.anyio


async def ltmon(code: int, *arguments: str, **environment: str) -> str:
    """What `ltmon …` prints; it must end with `code`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ltmon", *arguments),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate()
    said = out.decode() + err.decode()
    assert process.returncode == code, said
    assert "Traceback" not in said
    return out.decode() if code < 2 else err.decode()


async def enrol(company: Company, folder: Path, token: str) -> Worker:
    """An agent enrolled with a one-time token, which works once."""
    where = ("agent", "enroll", "--collector", company.url, "--token", token)
    assert "Enrolled as bac-binh." in await ltmon(0, *where, "--state-dir", str(folder))
    again = await company.client.post("/api/v1/enroll", json={"token": token})
    assert again.status_code == 403
    assert "used already" in again.json()["detail"]
    settings = yaml.safe_load((folder / "agent.yaml").read_text())
    settings |= {"listen": "127.0.0.1:0", "push": {"interval": "200ms"}}
    (folder / "agent.yaml").write_text(yaml.safe_dump(settings))
    worker = Worker("office", ["agent", "run", "--config", str(folder / "agent.yaml")], folder)
    company.workers["office"] = worker
    return worker


async def own_inventory(company: Company, credential: str) -> None:
    """What the agent must measure, and nothing new when it asks again."""

    async def ask(**headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {credential}", **headers}
        return await company.client.get("/api/v1/agents/me/inventory", headers=given)

    answer = await ask()
    names = {box.name for box in company.offices["bac-binh"].boxes.values()}
    assert {device["id"] for device in answer.json()["devices"]} == names, "only its own office"
    again = await ask(**{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_new_office(tmp_path: Path) -> None:
    """From a one-time token to `ltmon status`, and from a fault to `ltmon ack`."""
    async with Company(tmp_path, "bac-binh", "quang-son", agents=[]) as company:
        asked = ("--config", str(tmp_path / "collector.yaml"), "--json")
        operator, token, _ = await asyncio.gather(
            ltmon(0, "collector", "init", "--operator", "Hoa", *asked),
            ltmon(0, "collector", "token", "bac-binh", *asked),
            company.start(),
        )
        agent = await enrol(company, tmp_path / "office", json.loads(token)["token"])
        await agent.start()
        await own_inventory(company, (tmp_path / "office" / "credential").read_text().strip())

        async def measured() -> bool:
            devices = await company.get("devices", site="bac-binh")
            return all(device["state"] == "up" for device in devices)

        await until(measured, "the new office was not measured")
        asks = {"LTMON_COLLECTOR": company.url, "LTMON_TOKEN": json.loads(operator)["token"]}
        devices = json.loads(await ltmon(0, "status", "bac-binh", "--json", **asks))
        assert {d["id"]: d["state"] for d in devices} == {
            box.name: "up" for box in company.offices["bac-binh"].boxes.values()
        }
        await company.offices["bac-binh"].boxes["room"].close()
        await until(company.incidents, "the dead room was not flagged")
        await take_on(company, asks)
        await agent.stop()
        await company.collector.stop()


async def take_on(company: Company, asks: dict[str, str]) -> None:
    """`ltmon incidents` finds the room, `ltmon ack` takes it on."""
    (found,) = json.loads(await ltmon(1, "incidents", "--json", **asks))
    assert (found["cause"], found["state"]) == ("device:bac-binh-room", "open")
    await ltmon(0, "ack", found["id"], "--note", "đang đến xem", **asks)
    (taken,) = (await company.incidents()).values()
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "Hoa")
    assert taken["note"] == "đang đến xem"
