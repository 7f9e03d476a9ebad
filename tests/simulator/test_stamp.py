"""The far end of a call's way gives each test packet back, as our own sender reads it."""

from __future__ import annotations

import pytest

from agent.stamp.packets import build_request, moment, ntp_word, padding, read_reply
from inventory.check import PathCheck
from inventory.load import example_folder, load_inventory
from simulator.roster import simulated_district
from simulator.stamp import reflected

NOW = 1_780_000_000.25


def test_a_test_packet_comes_back() -> None:
    """With its number, its own stamp, the time of arrival, and as many octets as came."""
    request = build_request(7, ntp_word(int((NOW - 0.01) * 1e9)), 99, padding(172, b"\x5a"))
    answer = reflected(request, NOW)
    assert answer is not None
    assert len(answer) == len(request) == 172
    reply = read_reply(answer)
    assert reply is not None
    assert (reply.sequence, reply.sender_sequence) == (7, 7)
    assert reply.sender_timestamp == ntp_word(int((NOW - 0.01) * 1e9))
    assert moment(reply.received, reply.error, int(NOW * 1e9)) == pytest.approx(NOW * 1e9, abs=1000)


@pytest.mark.parametrize("octets", [b"", b"x" * 43])
def test_what_is_too_short(octets: bytes) -> None:
    """It is no test packet, and gets no answer."""
    assert reflected(octets, NOW) is None


def test_every_room_measures_its_way() -> None:
    """In the example, each room's way to the district and to the meeting's bridge; the far ends answer."""
    inventory = load_inventory(example_folder())
    district = simulated_district(inventory, NOW)
    assert len(inventory.rooms) == 22
    for room in inventory.rooms:
        check = inventory.checks_of(room.id)["path"]
        assert isinstance(check, PathCheck)
        ends = [check.name, *(end.name for end in check.also)]
        assert ends == (["bridge"] if room.site == "district-office" else ["district", "bridge"])
    names = district.hosts["district-office-names"]
    assert names.reflects == {8620}
    assert sum(8620 in host.reflects for host in district.hosts.values()) == 2
