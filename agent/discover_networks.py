"""Which addresses a discovery may touch: those of the networks that were named, and no others."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from inventory.problem import shown
from telemetry.errors import ConfigError

MOST_ADDRESSES = 65_536
"""A /16: more is no office's network, and takes longer than anybody waits."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def addresses_in(words: Sequence[str]) -> tuple[str, ...]:
    """The numeric addresses of the networks, each once, in the order of the words.

    Network and broadcast addresses are left out: they answer for others. Raises ConfigError with one
    sentence for what is no network, for more than MOST_ADDRESSES, and for networks without hosts.
    """
    networks = [_network(word) for word in words]
    total = sum(network.num_addresses for network in disjoint(networks))
    if total > MOST_ADDRESSES:
        names = ", ".join(str(network) for network in networks[:3])
        raise ConfigError(
            f"{names}: {total} addresses are too many to ask, expected at most {MOST_ADDRESSES} (a /16)."
        )
    return tuple(dict.fromkeys(str(host) for network in networks for host in network.hosts()))


def disjoint(networks: Sequence[Network]) -> list[Network]:
    """The same networks without overlaps."""
    four = [one for one in networks if isinstance(one, ipaddress.IPv4Network)]
    six = [one for one in networks if isinstance(one, ipaddress.IPv6Network)]
    return [*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six)]


def _network(word: str) -> Network:
    try:
        network = ipaddress.ip_network(word)
    except ValueError:
        raise ConfigError(f"{shown(word)} is no network{_hint(word)}") from None
    refused = _refusal(network)
    if refused:
        raise ConfigError(f"{network}: {refused}; name the networks of your own offices.")
    return network


def _hint(word: str) -> str:
    """Host bits that are set are the usual slip."""
    try:
        return f'; did you mean "{ipaddress.ip_network(word, strict=False)}"?'
    except ValueError:
        return ", expected something like 10.11.1.0/24 or 10.11.1.7."


def _refusal(network: Network) -> str:
    ends = (network.network_address, network.broadcast_address)
    if any(end.is_multicast for end in ends):
        return "multicast addresses belong to no single device"
    if network.prefixlen == 0:
        return "this is the whole Internet"
    if any(end.is_unspecified or (end.is_reserved and end.version == 4) for end in ends):
        return "there are no devices at such addresses"
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        return "an IPv4 network is written as one"
    if "%" in str(network):
        return "an address with a zone works on one machine only"
    return ""
