"""What was found, as inventory YAML ready to paste, and as objects for programs. Pure.

Device strings are hostile: they are cleaned (one line, no control characters) and quoted as JSON
does, which YAML reads alike; in comments a cleaned string cannot end the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.discover import Host
from agent.discover_parents import Parent
from inventory.device_class import DeviceClass
from inventory.fields import MAX_SLUG, slug_of
from inventory.profile import GENERIC
from telemetry.labels import clean_text

UNPLACED = "unplaced"
_PLAIN = re.compile(r"^[a-z][a-z0-9-]*$")
_WORDS = ("y", "n", "yes", "no", "true", "false", "on", "off", "null")
_NAMELESS = ("", "localhost", "localhost-localdomain", "none", "unknown", "noname")
MOST_COMMENT = 160


@dataclass(frozen=True, slots=True)
class Proposal:
    """One device as it would stand in the inventory. parents: ids. why: comments, a sentence each."""

    id: str
    site: str
    host: Host
    parents: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def class_(self) -> DeviceClass:
        """What the host was taken for; `other` where nothing was said."""
        return self.host.class_


def ids_for(hosts: Sequence[Host], taken: Collection[str]) -> dict[str, str]:
    """An id for each host by its address: from its name, else from its address; never one of `taken`."""
    found: dict[str, str] = {}
    used = set(taken)
    for host in hosts:
        found[host.address] = _free(host, used)
        used.add(found[host.address])
    return found


def proposals_for(
    hosts: Sequence[Host],
    ids: Mapping[str, str],
    sites: Mapping[str, str],
    parents: Mapping[str, tuple[Parent, ...]],
    doubles: Mapping[str, str],
) -> list[Proposal]:
    """The proposals in the order of the hosts.

    ids: of the hosts and of the devices already known, by address. sites, parents: by address.
    doubles: further addresses of a host, by that address.
    """
    return [
        Proposal(
            ids[host.address],
            sites[host.address],
            host,
            tuple(ids[one.address] for one in parents.get(host.address, ())),
            (*_reasons(host, ids, parents), *_also(host.address, doubles)),
        )
        for host in hosts
    ]


def as_yaml(
    proposals: Sequence[Proposal], head: Sequence[str], port: int, taken: Collection[str] = ()
) -> str:
    """The proposals as one inventory file. head: sentences for the top of it, as comments. taken: ids
    that the inventory has already, perhaps the site of the unplaced from last time.
    """
    lines = [_comment(sentence) for sentence in head]
    if UNPLACED not in taken and any(one.site == UNPLACED for one in proposals):
        lines += [
            _comment("Nobody said where these stand: name the site with --site, or edit this one."),
            "sites:",
            f"  - {{id: {UNPLACED}, name: Chưa rõ nơi đặt, kind: commune}}",
        ]
    if proposals:
        lines.append("devices:")
    for one in proposals:
        lines += _device(one, port)
    return "\n".join(lines) + "\n"


def as_object(proposal: Proposal, port: int) -> dict[str, object]:
    """The proposal for programs: the keys of the inventory, and what the host said."""
    host = proposal.host
    snmp = {"credentials": host.credentials, "port": port} if host.credentials else None
    return {
        "id": proposal.id,
        "site": proposal.site,
        "class": proposal.class_.value,
        "address": host.address,
        "parents": list(proposal.parents),
        "profile": host.profile,
        "snmp": snmp,
        "name": host.name,
        "vendor": host.vendor,
        "model": host.model,
        "descr": host.descr,
        "why": list(proposal.why),
    }


def _device(one: Proposal, port: int) -> Iterator[str]:
    host = one.host
    for reason in one.why:
        yield "  " + _comment(reason)
    yield f"  - id: {_scalar(one.id)}"
    yield f"    site: {_scalar(one.site)}"
    yield f"    class: {one.class_.value}"
    if host.name and host.name != one.id:
        yield f"    name: {json.dumps(host.name, ensure_ascii=False)}"
    yield f"    address: {json.dumps(host.address)}"
    if one.parents:
        yield f"    parents: [{', '.join(_scalar(parent) for parent in one.parents)}]"
    if host.credentials is not None:
        if host.profile != GENERIC:
            yield f"    profile: {_scalar(host.profile)}"
        where = f", port: {port}" if port != 161 else ""
        yield f"    snmp: {{credentials: {_scalar(host.credentials)}{where}}}"


def _reasons(
    host: Host, ids: Mapping[str, str], parents: Mapping[str, tuple[Parent, ...]]
) -> Iterator[str]:
    make = " ".join(word for word in (host.vendor, host.model) if word)
    yield f"{make or host.address}: {host.why}"
    if host.descr:
        yield f"sysDescr: {host.descr}"
    for parent in parents.get(host.address, ()):
        yield f"behind {ids[parent.address]}: {parent.why}"


def _also(address: str, doubles: Mapping[str, str]) -> Iterator[str]:
    others = [other for other, first in doubles.items() if first == address]
    if others:
        more = f" and {len(others) - 8} more" if len(others) > 8 else ""
        yield f"the same device also answers at {', '.join(others[:8])}{more}"


def _free(host: Host, used: Collection[str]) -> str:
    by_address = slug_of(host.address.replace("::", ":0:"))
    # A domain behind the name says nothing in a slug; an address as name is no name.
    short = host.name.split(".")[0]
    base = slug_of(short if not short.isdigit() else host.name)
    candidates = [by_address] if base in _NAMELESS else [base, _joined(base, by_address)]
    for candidate in candidates:
        if candidate not in used:
            return candidate
    number = 2
    while (candidate := _joined(candidates[-1], str(number))) in used:
        number += 1
    return candidate


def _joined(base: str, suffix: str) -> str:
    return f"{base[: MAX_SLUG - len(suffix) - 1].rstrip('-')}-{suffix}"


def _scalar(slug: str) -> str:
    """A slug as YAML reads it: `on`, `1e3` and `2020-01-01` would be something else unquoted."""
    return slug if _PLAIN.match(slug) and slug not in _WORDS else json.dumps(slug)


def _comment(sentence: str) -> str:
    return f"# {clean_text(sentence, MOST_COMMENT)}"
