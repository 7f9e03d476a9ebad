"""Writes what the demo's processes read: an inventory in the demo's rhythm, and their config files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory.inventory import Inventory
from inventory.load import load_inventory
from ltmon.demo.machine import Snmpd
from ltmon.demo.plan import COMMUNES, HOME, MACHINE, AgentPlan

ICMP = {"interval": 5, "count": 5, "spacing": 0.05, "timeout": 1}
SNMP = {"interval": 10, "timeout": 2, "retries": 0}
XAPI = {"interval": 15, "timeout": 5}
PATH = {"interval": 20, "count": 25}
SERVICE = {
    "http": {"interval": 10, "timeout": 5},
    "tcp": {"interval": 10, "timeout": 5},
    "dns": {"interval": 10, "timeout": 5},
    "tls": {"interval": 30, "timeout": 5},
}
_RHYTHM: dict[str, dict[str, Any]] = {"icmp": ICMP, "snmp": SNMP, "xapi": XAPI, "path": PATH}
_HASTE: dict[str, dict[str, str]] = {
    "agent_silent": {"for": "30s"},
    "icmp_loss_ratio": {"for": "15s"},
    "interface_errors_ratio": {"for": "20s"},
    "optical_receive_power_dbm": {"for": "10s"},
    "power_on_battery": {"for": "0s"},
    "battery_charge_ratio": {"for": "0s"},
}
_CLASSES_WITH_LIMITS = ("vc_endpoint", "fiber_olt", "ups")
COLLECTOR_PORT = 8080
COMMUNITY_VARIABLE = "SNMP_COMMUNITY"
CODEC_VARIABLE = "CODEC_PASSWORD"


def hurried_document(inventory: Inventory) -> dict[str, Any]:
    """An inventory as plain values, asked and judged in the demo's rhythm."""
    document: dict[str, Any] = json.loads(inventory.to_json())
    for device in document["devices"]:
        device["checks"] = _hurried(device.get("checks", {}), _RHYTHM, device)
    for service in document["services"]:
        kinds = inventory.checks_of(service["id"])
        rhythm = {kind: SERVICE[kind] for kind in kinds}
        service["checks"] = {
            kind: {**service.get("checks", {}).get(kind, {}), **rhythm[kind]} for kind in kinds
        }
    document["expectations"] = [
        *document.get("expectations", ()),
        {"for": "district", **_HASTE},
        *({"for": {"class": class_}, **_HASTE} for class_ in _CLASSES_WITH_LIMITS),
    ]
    return document


def _hurried(
    own: dict[str, Any], rhythm: dict[str, dict[str, Any]], device: dict[str, Any]
) -> dict[str, Any]:
    kinds = [
        "icmp",
        *(["snmp"] if device.get("snmp") else []),
        *(kind for kind in ("xapi", "path") if kind in own),
    ]
    hurried = {**own, **{kind: {**(own.get(kind) or {}), **rhythm[kind]} for kind in kinds}}
    if device["site"] not in (HOME, *COMMUNES):
        hurried.pop("path", None)  # no agent stands there, where the way of a call begins
    return hurried


def add_machine(document: dict[str, Any], page: str, snmpd: Snmpd | None) -> None:
    """Adds the machine that the demo runs on: its health, its snmpd over v2c and v3, and the
    collector's page, whose address is `page`.
    """
    machine = {
        "id": "this-machine-v2c",
        "site": MACHINE,
        "class": "server",
        "name": "Máy đang chạy bản demo",
        "address": "127.0.0.1",
        "checks": {"icmp": ICMP, "host": {"interval": 10}},
    }
    document["sites"].append(
        {
            "id": MACHINE,
            "name": "Máy này (thật, không mô phỏng)",
            "kind": "district",
            "parent": HOME,
        }
    )
    document["devices"].append(machine)
    document["services"].append(
        {
            "id": "collector-page",
            "name": "Trang giám sát của bản demo",
            "url": f"{page}/",
            "checks": {"http": {**SERVICE["http"], "status": 200}},
            "from": [MACHINE],
        }
    )
    if snmpd is not None:
        machine["snmp"] = {"credentials": "machine-v2c", "port": snmpd.port}
        machine["checks"] = {"icmp": ICMP, "host": {"interval": 10}, "snmp": SNMP}
        document["devices"].append(
            {
                "id": "this-machine-v3",
                "site": MACHINE,
                "class": "server",
                "name": "Máy này, hỏi qua SNMPv3",
                "address": "127.0.0.2",
                "parents": [machine["id"]],
                "snmp": {"credentials": "machine-v3", "port": snmpd.port},
                "checks": {"icmp": ICMP, "snmp": SNMP},
            }
        )
        document["credentials"] += snmpd.credentials()


@dataclass(frozen=True, slots=True)
class Files:
    """Where the demo's files lie. All secrets in them are made for one run only."""

    folder: Path

    @property
    def inventory(self) -> Path:
        """The folder of the inventory."""
        return self.folder / "inventory"

    @property
    def collector(self) -> Path:
        """The collector's config."""
        return self.folder / "collector.yaml"

    def agent(self, name: str) -> Path:
        """An agent's config."""
        return self.folder / f"agent-{name}.yaml"

    def log(self, name: str) -> Path:
        """What a process says."""
        return self.folder / f"{name}.log"

    def write_inventory(self, document: dict[str, Any]) -> Inventory:
        """Writes the inventory and reads it again, as the collector will."""
        self.inventory.mkdir()
        _write(self.inventory / "demo.yaml", document)
        return load_inventory(self.inventory)

    def write_collector(
        self, agents: Iterable[AgentPlan], listen_fd: int, page: str, smtp_port: int
    ) -> None:
        """The collector's config: an inherited socket, the agents' tokens, mail to our own sink."""
        _write(
            self.collector,
            {
                "inventory": str(self.inventory),
                "state_dir": str(self.folder / "collector"),
                "listen": {"fd": listen_fd},
                "public_url": page,
                "agents": [
                    {
                        "agent": plan.agent,
                        "sites": list(plan.sites),
                        "watch": list(plan.watch),
                        "token": plan.token,
                    }
                    for plan in agents
                ],
                "channels": {
                    "email": {
                        "host": "127.0.0.1",
                        "port": smtp_port,
                        "security": "none",
                        "from": "giam-sat@lap-thach.example",
                    }
                },
                "tick": 1,
            },
        )

    def write_agent(self, plan: AgentPlan, collector_url: str) -> None:
        """An agent's config; it gets its inventory from the collector."""
        _write(
            self.agent(plan.agent),
            {
                "agent": plan.agent,
                "site": plan.site,
                "sites": list(plan.sites),
                "watch": list(plan.watch),
                "collector": {"url": collector_url, "token": plan.token},
                "listen": "127.0.0.1:0",
                "state_dir": str(self.folder / f"agent-{plan.agent}"),
                "push": {"interval": 1},
            },
        )


def _write(path: Path, document: dict[str, Any]) -> None:
    """A YAML file; JSON is YAML. Readable by us alone, for it holds tokens."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
