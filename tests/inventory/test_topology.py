"""Who is reached through whom."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.device import Device, DeviceClass
from inventory.link import Link, LinkKind
from inventory.topology import Topology, find_ring


def device(id_: str, *parents: str, site: str = "s") -> Device:
    """A device of no particular interest."""
    return Device(id=id_, site=site, class_=DeviceClass.OTHER, parents=parents)


DIAMOND = Topology(
    [
        device("pc", "switch"),
        device("switch", "left", "right"),
        device("left", "core"),
        device("right", "core", site="t"),
        device("core", site="t"),
    ],
    [
        Link(id="first", kind=LinkKind.FIBER, ends=("core/1", "left/1")),
        Link(id="second", kind=LinkKind.LAN, ends=("left/2", "core/2")),
    ],
)


def test_parents_come_before_children() -> None:
    """In the order of the inventory among equals."""
    assert DIAMOND.order == ("core", "left", "right", "switch", "pc")
    assert [DIAMOND.depth(id_) for id_ in DIAMOND.order] == [0, 1, 1, 2, 3]


def test_ways_up_and_down_are_nearest_first() -> None:
    """Each device once, however many ways lead to it."""
    assert DIAMOND.ancestors("pc") == ("switch", "left", "right", "core")
    assert DIAMOND.descendants("core") == ("left", "right", "switch", "pc")
    assert DIAMOND.parents("switch") == ("left", "right")
    assert DIAMOND.children("core") == ("left", "right")


def test_unknown_ids_and_unknown_parents_are_passed_over() -> None:
    """An agent's part of the inventory ends somewhere."""
    part = Topology([device("router", "onu", "onu")], [])
    assert part.parents("router") == ()
    assert part.order == ("router",)
    for ask in (part.parents, part.children, part.ancestors, part.descendants, part.edges_of):
        assert ask("nobody") == ()
    assert part.depth("nobody") == 0


def test_only_what_has_no_other_way_is_cut_off() -> None:
    """Unreachable only when all parents are."""
    assert DIAMOND.cut_off_by(["left"]) == ()
    assert DIAMOND.cut_off_by(["left", "right"]) == ("switch", "pc")
    assert DIAMOND.cut_off_by(["core"]) == ("left", "right", "switch", "pc")


def test_a_line_is_found_from_either_end() -> None:
    """The first of several."""
    for pair in (("core", "left"), ("left", "core")):
        link = DIAMOND.link_between(*pair)
        assert link is not None
        assert link.id == "first"
    assert DIAMOND.link_between("core", "right") is None


def test_the_edges_of_a_site_are_its_ways_in() -> None:
    """A parent outside the site, or no parent at all."""
    assert DIAMOND.edges_of("s") == ("switch", "left")
    assert DIAMOND.edges_of("t") == ("core",)


def test_a_ring_is_named() -> None:
    """Rather than looped in for ever."""
    with pytest.raises(ValueError, match="a → b → a"):
        Topology([device("a", "b"), device("b", "a")], [])


def test_a_chain_may_be_long() -> None:
    """No recursion: 20,000 devices in a row."""
    chain = [device(f"d{n}", *([f"d{n - 1}"] if n else [])) for n in range(20_000)]
    topology = Topology(chain, [])
    assert topology.depth("d19999") == 19_999
    assert find_ring({d.id: d.parents for d in chain}) == ()


EDGES = st.dictionaries(
    st.integers(0, 8).map(str), st.lists(st.integers(0, 8).map(str), max_size=3), max_size=9
)


@given(EDGES)
def test_a_ring_is_found_exactly_when_there_is_one(edges: dict[str, list[str]]) -> None:
    """Against the plain definition: a node that is its own ancestor."""

    def above(start: str) -> set[str]:
        seen: set[str] = set()
        queue = list(edges.get(start, ()))
        while queue:
            node = queue.pop()
            if node not in seen:
                seen.add(node)
                queue.extend(edges.get(node, ()))
        return seen

    ring = find_ring(edges)
    assert bool(ring) == any(node in above(node) for node in edges)
    if ring:
        assert ring[0] == ring[-1]
        assert all(after in edges[before] for before, after in pairwise(ring))


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), max_size=20))
def test_order_and_reach_agree_in_any_graph(drawn: list[list[int]]) -> None:
    """Parents stand before their children; ancestors and descendants mirror each other."""
    devices = [
        device(f"d{n}", *(f"d{parent}" for parent in parents if parent < n))
        for n, parents in enumerate(drawn)
    ]
    topology = Topology(reversed(devices), [])
    place = {id_: n for n, id_ in enumerate(topology.order)}
    assert set(place) == {d.id for d in devices}
    for id_ in place:
        assert all(place[parent] < place[id_] for parent in topology.parents(id_))
        assert all(id_ in topology.descendants(up) for up in topology.ancestors(id_))
        assert all(id_ in topology.ancestors(down) for down in topology.descendants(id_))
        lost = topology.cut_off_by([id_])
        assert set(lost) <= set(topology.descendants(id_))
