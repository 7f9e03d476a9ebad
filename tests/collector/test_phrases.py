"""Times, durations and numbers as people say them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from collector.measures import MEASURES, YES_OR_NO
from collector.message import lasting
from collector.phrases import CLASS_WORDS, STATE_SYMBOLS, STATE_WORDS, Phrases
from collector.state import HealthState
from collector.words import Speaker
from inventory.device import DeviceClass
from telemetry.catalogue import CATALOGUE
from tests.collector.fakes import START, incident

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = 86400.0


def phrases(language: str = "vi", now: float = START) -> Phrases:
    return Phrases(Speaker(), language, ZONE, now)


@pytest.mark.parametrize(
    ("language", "returns", "watched"),
    [
        ("vi", "đã tái diễn 3 lần", "vẫn đang theo dõi thêm"),
        ("en", "it came back 3 times", "still being watched"),
    ],
)
def test_how_often_it_came_back(language: str, returns: str, watched: str) -> None:
    """An incident that comes and goes says so, and that it is calm but not yet believed to be over."""
    plain, restless = incident(), incident(returns=3)
    calm = incident(returns=3, calm_since=START)
    said = [lasting(phrases(language), one) for one in (plain, restless, calm)]
    assert [returns in text for text in said] == [False, True, True]
    assert [watched in text for text in said] == [False, False, True]


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (0, "0 giây", "0 seconds"),
        (1, "1 giây", "1 second"),
        (59.4, "59 giây", "59 seconds"),
        (59.9, "1 phút", "1 minute"),
        (25 * 60, "25 phút", "25 minutes"),
        (3600, "1 giờ", "1 hour"),
        (2 * 3600 + 5 * 60, "2 giờ 5 phút", "2 hours 5 minutes"),
        (DAY + 3600, "1 ngày 1 giờ", "1 day 1 hour"),
        (3 * DAY, "3 ngày", "3 days"),
        (-5, "0 giây", "0 seconds"),
    ],
)
def test_durations(seconds: float, vi: str, en: str) -> None:
    """The two largest units, singular where English needs it."""
    assert phrases("vi").duration(seconds) == vi
    assert phrases("en").duration(seconds) == en


@pytest.mark.parametrize(
    ("at", "vi", "en"),
    [
        (START - 3600, "08:13 hôm nay", "08:13 today"),
        (START - DAY, "09:13 hôm qua", "09:13 yesterday"),
        (START - 3 * DAY, "09:13 thứ Sáu 20/11", "09:13 on Friday 20/11"),
        (START - 400 * DAY, "09:13 ngày 19/10/2025", "09:13 on 19/10/2025"),
        (START + DAY, "09:13 thứ Ba 24/11", "09:13 on Tuesday 24/11"),
    ],
)
def test_moments(at: float, vi: str, en: str) -> None:
    """As people name them, in the district's zone whatever the machine's."""
    assert phrases("vi").clock(at) == vi
    assert phrases("en").clock(at) == en


def test_since_and_ago() -> None:
    """Since when and for how long; the last minute is now."""
    assert phrases("vi").since(START - 25 * 60) == "từ 08:48 hôm nay (25 phút)"
    assert phrases("en").since(START - 10) == "since 09:13 today"
    assert phrases("vi").ago(START - 25 * 60) == "25 phút trước"
    assert phrases("en").ago(START - 10) == "just now"


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("icmp_loss_ratio", 0.0, "0%"),
        ("icmp_loss_ratio", 0.125, "12%"),
        ("icmp_loss_ratio", 0.004, "0.4%"),
        ("icmp_rtt_median_seconds", 0.0042, "4.2 ms"),
        ("icmp_rtt_median_seconds", 0.25, "250 ms"),
        ("http_response_seconds", 1.34, "1.3 s"),
        ("device_uptime_seconds", 3 * DAY, "3 days"),
        ("interface_speed_bits_per_second", 1e9, "1 Gbit/s"),
        ("interface_speed_bits_per_second", 2.5e9, "2.5 Gbit/s"),
        ("interface_speed_bits_per_second", 9.9e18, "9900000 Tbit/s"),
        ("optical_receive_power_dbm", -27.44, "-27.4 dBm"),
        ("device_temperature_celsius", 61.0, "61 °C"),
        ("wifi_clients", 7.0, "7"),
        ("tls_certificate_not_after_timestamp_seconds", START + 3600, "10:13 today"),
        ("not_in_the_catalogue", 1.5, "1.5"),
    ],
)
def test_measurements(metric: str, value: float, said: str) -> None:
    """Values carry the unit that people use for them."""
    assert phrases("en").measurement(metric, value) == said


def test_a_decimal_comma_in_vietnamese() -> None:
    """In what was measured and in the sentences of the rules alike."""
    assert phrases("vi").measurement("optical_receive_power_dbm", -27.44) == "-27,4 dBm"
    assert phrases("vi").measurement("icmp_loss_ratio", 0.004) == "0,4%"
    assert phrases("vi").text("{value}", value="0.344%") == "0,344%"
    assert phrases("en").text("{value}", value="0.344%") == "0.344%"
    for name in ("10.1.1.1", "Gi0/1.100", "1.2.3 beta", "1.5x", "v1.5"):
        assert phrases("vi").text("{name}", name=name) == name


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    "metric",
    [
        "icmp_loss_ratio",
        "device_uptime_seconds",
        "wifi_clients",
        "interface_speed_bits_per_second",
        "tls_certificate_not_after_timestamp_seconds",
    ],
)
def test_values_that_are_none(metric: str, value: float) -> None:
    """A device that lies gets a dash; the page stays whole."""
    assert phrases("en").measurement(metric, value) == "–"


def test_times_out_of_range() -> None:
    """A certificate that is valid until the year 292277 does not take the page with it."""
    said = phrases("en").measurement("tls_certificate_not_after_timestamp_seconds", 9e18)
    assert said == "–"


def test_every_kind_has_words() -> None:
    """A new state, class or measurement cannot come without words."""
    assert set(STATE_WORDS) == set(STATE_SYMBOLS) == set(HealthState)
    assert len(set(STATE_SYMBOLS.values())) == len(HealthState)
    assert set(CLASS_WORDS) == {*map(str, DeviceClass), "service"}
    assert set(MEASURES) <= set(CATALOGUE)
    assert set(MEASURES) >= YES_OR_NO
