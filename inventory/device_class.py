"""The classes of devices, as promised to users: also the values of the label `class`."""

from __future__ import annotations

from enum import StrEnum


class DeviceClass(StrEnum):
    """What a device is for. Services carry the label `service` instead."""

    ROUTER = "router"
    FIREWALL = "firewall"
    LAN_SWITCH = "lan_switch"
    FIBER_ONU = "fiber_onu"
    FIBER_OLT = "fiber_olt"
    MEDIA_CONVERTER = "media_converter"
    WIFI_AP = "wifi_ap"
    CELL_STATION = "cell_station"
    LTE_CPE = "lte_cpe"
    POWER_SYSTEM = "power_system"
    UPS = "ups"
    VC_ENDPOINT = "vc_endpoint"
    SERVER = "server"
    WORKSTATION = "workstation"
    PRINTER = "printer"
    CAMERA = "camera"
    OTHER = "other"
