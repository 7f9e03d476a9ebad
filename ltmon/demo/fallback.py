"""The demo's inventory for a machine without network namespaces: everything on the loopback range."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from simulator.loopback import high_port, loopback_address
from simulator.responder import DNS_PORT, SNMP_PORT

Document = dict[str, Any]

HTTPS_PORT = 443
_OUTSIDE = "127.255.1."
_SNMP = {"interval": 5, "timeout": 2, "retries": 0}


def on_loopback(document: Document) -> None:
    """Rewrites an inventory's plain values in place.

    On loopback the kernel itself answers echo requests, dead device or not: so every device is
    asked by SNMP instead, and none by ICMP. Services lose their names and get ports of their own.
    """
    credentials = document["credentials"][0]["id"]
    for device in document["devices"]:
        if device.get("address"):
            device["address"] = loopback_address(device["address"])
            device["snmp"] = {"credentials": credentials, "port": high_port(SNMP_PORT)}
            device["checks"] = {**device.get("checks", {}), "icmp": False, "snmp": _SNMP}
            device["checks"].pop("path", None)  # its far ends are not on loopback
            if xapi := device["checks"].get("xapi"):
                xapi["port"] = high_port(xapi.get("port") or HTTPS_PORT)
    servers = {
        service: device["address"]
        for device in document["devices"]
        for service in device.get("serves", ())
    }
    for number, service in enumerate(document["services"], start=1):
        _move(service, servers.get(service["id"], f"{_OUTSIDE}{number}"), number)


def _move(service: Document, address: str, number: int) -> None:
    """Leads a service to `address`, on a high port that is moved by its number."""
    if url := service.get("url"):
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        service["url"] = f"{parts.scheme}://{address}:{high_port(port) + number}{parts.path}"
    elif tcp := service.get("tcp"):
        service["tcp"] = f"{address}:{high_port(int(tcp.rpartition(':')[2])) + number}"
    elif check := service["checks"].get("dns"):
        server = check.get("server")
        check["server"] = loopback_address(server) if server else address
        check["port"] = high_port(DNS_PORT)
