"""Parents out of tables written down by hand."""

from __future__ import annotations

from agent.discover_neighbours import Heard, Neighbours
from agent.discover_parents import Node, Parent, propose_parents, same_devices
from inventory.device_class import DeviceClass

ROUTER, SWITCH, PRINTER = DeviceClass.ROUTER, DeviceClass.LAN_SWITCH, DeviceClass.PRINTER
GW, CORE, EDGE, LEAF = "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.50"
GW_MAC, CORE_MAC, EDGE_MAC, LEAF_MAC = (f"00:11:22:33:44:0{n}" for n in range(4))


def parents(*nodes: Node, routes: tuple[str, ...] = ()) -> dict[str, list[str]]:
    found = propose_parents(nodes, routes)
    return {address: [one.address for one in some] for address, some in found.items()}


def test_lldp_by_chassis_name_and_address() -> None:
    """Each way to say who it is leads to the same host; the one nearer to the gateway is the parent,
    whichever of the two speaks.
    """
    gateway = Node(GW, "gw", ROUTER, Neighbours(macs=frozenset({GW_MAC})))
    core = Node(
        CORE,
        "core.example",
        SWITCH,
        Neighbours(CORE_MAC, heard=(Heard("1", GW_MAC), Heard("9", "?"))),
    )
    edge = Node(EDGE, "edge", SWITCH, Neighbours(heard=(Heard("24", name="CORE.example"),)))
    leaf = Node(
        LEAF, "leaf", DeviceClass.WIFI_AP, Neighbours(heard=(Heard("0", addresses=(EDGE,)),))
    )
    expected = {CORE: [GW], EDGE: [CORE], LEAF: [EDGE]}
    assert parents(gateway, core, edge, leaf) == expected
    assert parents(leaf, edge, core, gateway) == expected


def test_a_name_that_two_bear_is_nobodys() -> None:
    """Half of all MikroTiks are called MikroTik: such a name joins nobody."""
    twins = [Node(one, "MikroTik", ROUTER) for one in (GW, CORE)]
    edge = Node(EDGE, "edge", SWITCH, Neighbours(heard=(Heard("1", name="MikroTik"),)))
    assert parents(*twins, edge) == {}


def test_a_ring_has_two_parents_and_no_circle() -> None:
    """Two ways of the same length to the gateway are both parents; equals are none of each other."""
    gateway = Node(GW, "gw", ROUTER)
    one = Node(
        CORE, "one", SWITCH, Neighbours(heard=(Heard("1", name="gw"), Heard("2", name="two")))
    )
    two = Node(EDGE, "two", SWITCH, Neighbours(heard=(Heard("1", name="gw"),)))
    last = Node(
        LEAF, "x", SWITCH, Neighbours(heard=(Heard("1", name="one"), Heard("2", name="two")))
    )
    assert parents(last, two, one, gateway) == {CORE: [GW], EDGE: [GW], LEAF: [CORE, EDGE]}


def test_the_switch_that_sees_it_most_alone() -> None:
    """The core sees the printer among many on its way down, the edge switch sees it alone; the MAC
    comes from the router's ARP table, for the printer says nothing.
    """
    gateway = Node(
        GW, "gw", ROUTER, Neighbours(arp={LEAF: LEAF_MAC, "10.9.9.9": "00:00:00:00:00:09"})
    )
    core = Node(
        CORE, "core", SWITCH,
        Neighbours(heard=(Heard("1", name="gw"),), seen={LEAF_MAC: 2, "00:aa:00:00:00:01": 2}),
    )  # fmt: skip
    edge = Node(
        EDGE, "edge", SWITCH, Neighbours(heard=(Heard("1", name="core"),), seen={LEAF_MAC: 7})
    )
    found = propose_parents([gateway, core, edge, Node(LEAF, class_=PRINTER)])
    assert found[LEAF] == (Parent(EDGE, "its MAC is seen on bridge port 7"),)


def test_seen_alike_by_two_is_left_open() -> None:
    """No guess is better than a wrong one."""
    gateway = Node(GW, "gw", ROUTER, Neighbours(arp={LEAF: LEAF_MAC}))
    switches = [Node(one, "", SWITCH, Neighbours(seen={LEAF_MAC: 1})) for one in (CORE, EDGE)]
    assert parents(gateway, *switches, Node(LEAF)) == {}


def test_this_machines_own_gateway_comes_first() -> None:
    """Without a router among the two, the way out of here decides."""
    one = Node(CORE, "one", SWITCH, Neighbours(heard=(Heard("1", name="two"),)))
    two = Node(EDGE, "two", SWITCH)
    assert parents(one, two, routes=(EDGE,)) == {CORE: [EDGE]}
    assert parents(one, two, routes=(CORE,)) == {EDGE: [CORE]}


def test_one_box_with_two_addresses() -> None:
    """Same name and same MACs: the second address is the first's; without MACs nobody is merged."""
    both = Neighbours(macs=frozenset({GW_MAC}))
    nodes = [Node(GW, "gw", ROUTER, both), Node(CORE, "gw", ROUTER, both), Node(EDGE), Node(LEAF)]
    assert same_devices(nodes) == {CORE: GW}
    edge = Node(EDGE, "edge", SWITCH, Neighbours(heard=(Heard("1", addresses=(CORE,)),)))
    assert parents(Node(GW, "gw", ROUTER, both, (CORE,)), edge) == {EDGE: [GW]}
