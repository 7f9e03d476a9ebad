"""The peers' default rules, each on a few samples: what raises an alarm and what does not."""

from __future__ import annotations

import pytest

from benchmarks.peers import CHECKMK, LIBRENMS, PROMETHEUS, ZABBIX
from benchmarks.peers.peer import Kind, Peer
from telemetry.labels import make_labels
from telemetry.sample import Batch, Series, SeriesPoints

START = 1_000_000.0
Values = list[float]


def run(
    kind: Kind, every: float, columns: dict[str, Values], **labels: str
) -> list[tuple[str, float]]:
    """The alarms of one monitor over columns of one device: (rule, minutes after the start)."""
    peer = Peer(kind)
    where = {"site": "a", "device": "box", "class": "router", "agent": "district-office", **labels}
    length = max(len(values) for values in columns.values())
    for index in range(length):
        at = START + index * every
        points = [
            SeriesPoints(Series(name, make_labels(where)), (int(at * 1000),), (values[index],))
            for name, values in columns.items()
        ]
        peer.take(at, Batch(tuple(points)))
    return [
        (told.mentions[0].rule.partition("[")[0], (told.opened_at - START) / 60.0)
        for told in peer.told.values()
    ]


def counter(per_second: float, every: float, count: int) -> Values:
    """A counter that grows evenly."""
    return [per_second * every * index for index in range(count)]


UP = [1.0] * 4
DOWN = [0.0] * 8


@pytest.mark.parametrize(
    ("kind", "rule", "minutes"),
    [
        (ZABBIX, "Unavailable by ICMP ping", 6.0),  # the third miss
        (LIBRENMS, "Device down (ICMP)", 5.0),  # polled every five minutes
        (PROMETHEUS, "Blackbox probe failed", 5.0),  # a minute after the first miss
        (CHECKMK, "Host down", 4.0),  # at once
    ],
)
def test_a_dead_box(kind: Kind, rule: str, minutes: float) -> None:
    """Each monitor tells of a box that answers no ping, in its own time, once."""
    assert run(kind, 60.0, {"check_up": UP + DOWN}, check="icmp") == [(rule, minutes)]


def test_a_lone_miss() -> None:
    """Zabbix and Prometheus let one miss pass."""
    once = {"check_up": [1.0, 1.0, 0.0, 1.0, 1.0]}
    assert run(ZABBIX, 60.0, once, check="icmp") == []
    assert run(PROMETHEUS, 60.0, once, check="icmp") == []
    assert run(CHECKMK, 60.0, once, check="icmp") == [("Host down", 2.0)]


def test_small_loss_is_nobodys_concern() -> None:
    """Six per cent of loss, which ruins a call, is below everybody's limit."""
    loss = {"icmp_loss_ratio": [0.0, 0.1, 0.1, 0.0, 0.1, 0.1] * 5}
    assert all(run(kind, 60.0, loss) == [] for kind in (ZABBIX, LIBRENMS, PROMETHEUS, CHECKMK))


def test_hysteresis() -> None:
    """Zabbix keeps an error alarm until the rate is well below the limit: one alarm, not many."""
    rates = [0.0, 3.0, 3.0, 1.8, 3.0, 1.8, 3.0, 0.0, 0.0]
    total, column = 0.0, [0.0]
    for rate in rates:
        total += rate * 300.0
        column.append(total)
    both = {"interface_receive_errors_total": column, "interface_transmit_errors_total": [0.0] * 10}
    assert run(ZABBIX, 300.0, both, interface="p1") == [("High error rate", 15.0)]


def test_shares_of_packets() -> None:
    """Two broken frames in a thousand: Checkmk warns, Prometheus waits for five in a hundred."""
    columns = {
        "interface_receive_packets_total": counter(1000.0, 300.0, 6),
        "interface_receive_errors_total": counter(2.0, 300.0, 6),
    }
    assert run(CHECKMK, 300.0, columns, interface="p1") == [("Interface receive errors", 5.0)]
    assert run(PROMETHEUS, 300.0, columns, interface="p1") == []


def test_a_reset_is_no_rate() -> None:
    """A counter that begins anew raises nothing."""
    bytes_ = [*counter(1e6, 300.0, 4), *counter(1e6, 300.0, 4)]
    columns = {
        "interface_speed_bits_per_second": [1e8] * 8,
        "interface_receive_bytes_total": bytes_,
        "interface_transmit_bytes_total": bytes_,
    }
    for kind in (ZABBIX, LIBRENMS, PROMETHEUS):
        assert run(kind, 300.0, columns, interface="p1") == []


def test_slower_than_before() -> None:
    """A port that falls back is told by Zabbix and Checkmk; the others do not look."""
    speed = {"interface_speed_bits_per_second": [1e9, 1e9, 1e8, 1e8]}
    assert run(ZABBIX, 300.0, speed, interface="p1") == [
        ("Ethernet has changed to lower speed", 10.0)
    ]
    assert run(CHECKMK, 300.0, speed, interface="p1") == [("Interface speed", 10.0)]
    assert run(LIBRENMS, 300.0, speed, interface="p1") == []


def test_slow_ping_waits() -> None:
    """LibreNMS minds 11 ms, Zabbix five minutes of 160, Prometheus a second."""
    assert run(LIBRENMS, 300.0, {"icmp_rtt_median_seconds": [0.011]}) == [
        ("Ping latency over 10 ms", 0.0)
    ]
    slow = {"icmp_rtt_median_seconds": [0.16] * 8}
    assert run(ZABBIX, 60.0, slow) == [("High ICMP ping response time", 1.0)]
    assert run(PROMETHEUS, 60.0, slow) == []


def test_what_agents_say_of_themselves() -> None:
    """Prometheus tells of a target that has not answered for five minutes, after the fact here."""
    peer = Peer(PROMETHEUS)
    series = Series("agent_info", make_labels({"site": "a", "agent": "a", "version": "1"}))
    for minute in (0, 1, 2, 30):
        at = START + 60.0 * minute
        peer.take(at, Batch((SeriesPoints(series, (int(at * 1000),), (1.0,)),)))
    (told,) = peer.told.values()
    assert (told.cause, told.opened_at) == ("agent:a", START + 420.0)
