"""A district of three offices for tests: one centre, one office with an agent, one without."""

from __future__ import annotations

from typing import Any

from inventory.inventory import Inventory


def small_inventory() -> Inventory:
    """The centre with its OLT, and the communes Bắc Bình and Xuân Hòa behind fibres."""
    communes = (("bac-binh", 11), ("xuan-hoa", 12))
    return Inventory.model_validate(
        {
            "district": {"id": "lap-thach", "name": "Huyện Lập Thạch"},
            "sites": [
                {"id": "district-office", "name": "UBND huyện", "kind": "district"},
                *(
                    {"id": id_, "name": id_, "kind": "commune", "parent": "district-office"}
                    for id_, _ in communes
                ),
            ],
            "devices": [*_centre(), *(d for id_, net in communes for d in _commune(id_, net))],
            "links": [
                {
                    "id": f"{id_}-fiber",
                    "kind": "fiber",
                    "ends": [f"olt-1/gpon-0-{number}", f"{id_}-onu/pon0"],
                }
                for number, (id_, _) in enumerate(communes, start=1)
            ],
            "services": [
                {
                    "id": "one-stop",
                    "name": "Một cửa điện tử",
                    "url": "https://motcua.lapthach.example/",
                    "checks": {"http": {"contains": "Nộp hồ sơ"}, "tls": {}},
                    "from": ["bac-binh"],
                },
                {"id": "signing", "name": "Ký số", "tcp": "10.10.0.20:8443", "from": ["bac-binh"]},
                {
                    "id": "names",
                    "name": "Tên miền",
                    "dns": "motcua.lapthach.example",
                    "checks": {"dns": {"server": "10.10.0.53"}},
                    "from": ["bac-binh"],
                },
            ],
            "credentials": [{"id": "campus", "version": "2c", "community": "demo"}],
        }
    )


def _device(id_: str, site: str, class_: str, address: str, *parents: str) -> dict[str, Any]:
    return {
        "id": id_,
        "site": site,
        "class": class_,
        "address": address,
        "parents": list(parents),
        "snmp": {"credentials": "campus"},
    }


def _centre() -> list[dict[str, Any]]:
    server = _device("portal", "district-office", "server", "10.10.0.20", "core-switch")
    return [
        _device("core-router", "district-office", "router", "10.10.0.1"),
        _device("core-switch", "district-office", "lan_switch", "10.10.0.2", "core-router"),
        _device("olt-1", "district-office", "fiber_olt", "10.10.0.3", "core-switch"),
        {**server, "serves": ["one-stop"]},
    ]


def _commune(site: str, net: int) -> list[dict[str, Any]]:
    def member(what: str, class_: str, last: int, parent: str) -> dict[str, Any]:
        return _device(f"{site}-{what}", site, class_, f"10.{net}.1.{last}", parent)

    switch = f"{site}-switch"
    return [
        member("onu", "fiber_onu", 2, "olt-1"),
        member("router", "router", 1, f"{site}-onu"),
        member("switch", "lan_switch", 3, f"{site}-router"),
        member("room", "vc_endpoint", 10, switch),
        member("pc", "workstation", 20, switch),
        member("server", "server", 21, switch),
        member("ups", "ups", 30, switch),
    ]
