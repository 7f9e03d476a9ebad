"""The kinds of probe, by the name that files and the label `check` use: the only list.

A kind is one module here and one line in `PROBES`; its options stand in `inventory.check`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.probe import Probe
from agent.probes.dns import DnsProbe
from agent.probes.host import HostProbe
from agent.probes.http import HttpProbe
from agent.probes.icmp import IcmpProbe
from agent.probes.path import PathProbe
from agent.probes.snmp import SnmpProbe
from agent.probes.tcp import TcpProbe
from agent.probes.tls import TlsProbe
from agent.probes.xapi import XapiProbe

PROBES: dict[str, Callable[[], Probe[Any]]] = {
    "icmp": IcmpProbe,
    "snmp": SnmpProbe,
    "http": HttpProbe,
    "tls": TlsProbe,
    "tcp": TcpProbe,
    "dns": DnsProbe,
    "host": HostProbe,
    "path": PathProbe,
    "xapi": XapiProbe,
}
"""Makes the probe of a kind. One probe serves all targets of its kind."""
